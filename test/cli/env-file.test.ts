import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withChanges, writeText } from '../../src/cli/set-up/env-file.js'

const FILE = `# mine
export OKTA_ORG_URL=https://old.example   # a note
UNKNOWN="two
lines"
OKTA_API_PRIVATE_KEY="-----BEGIN
OKTA_CLIENT_ID=not a setting, but a part of the key
-----END"
OKTA_CLIENT_ID=old
OKTA_CLIENT_ID=older
PORT=3000`

describe('withChanges', () => {
  it('changes a setting where it is, once, adds what is new, and keeps every other line', () => {
    const changes = { OKTA_ORG_URL: 'https://new.example', OKTA_CLIENT_ID: 'new', SECRET_KEY: 'fresh' }
    expect(withChanges(FILE, changes)).toBe(`# mine
OKTA_ORG_URL=https://new.example
UNKNOWN="two
lines"
OKTA_API_PRIVATE_KEY="-----BEGIN
OKTA_CLIENT_ID=not a setting, but a part of the key
-----END"
OKTA_CLIENT_ID=new
PORT=3000
SECRET_KEY=fresh
`)
  })

  it('takes a setting out, with all its lines', () => {
    const text = withChanges(FILE, { OKTA_API_PRIVATE_KEY: undefined, OKTA_AUTH_TOKEN: undefined })
    expect(text).toBe(FILE.replace(/OKTA_API_PRIVATE_KEY=[\s\S]*?-----END"\n/, ''))
  })

  it.each(['plain', 'with # in it', '{"kty":"RSA","n":"a-b_c"}', 'a-b_c~d', "quote's", 'a=b', '$HOME $1 $&'])(
    'writes %j so that dotenv reads the same',
    (value) => {
      expect(parse(withChanges('A=1\n', { NAME: value }))).toEqual({ A: '1', NAME: value })
      expect(parse(withChanges('NAME=1\n', { NAME: value }))).toEqual({ NAME: value })
    },
  )
})

describe('writeText', () => {
  it('[137] replaces the file in one step, readable for its owner alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'env-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, '.env')
    writeFileSync(file, 'old', { mode: 0o644 })
    const before = statSync(file).ino
    writeText(file, 'new')
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['new', 0o600])
    expect(statSync(file).ino).not.toBe(before)
    expect(readdirSync(folder)).toEqual(['.env'])
  })

  it('keeps a symbolic link, and changes what it leads to', () => {
    const folder = mkdtempSync(join(tmpdir(), 'env-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const [file, link] = [join(folder, 'shared.env'), join(folder, '.env')]
    writeFileSync(file, 'old')
    symlinkSync(file, link)
    writeText(link, 'new')
    expect([lstatSync(link).isSymbolicLink(), readFileSync(file, 'utf8')]).toEqual([true, 'new'])
  })
})
