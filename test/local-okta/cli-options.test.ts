import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HELP, parseCommandLine, UsageError } from '../../local-okta/cli-options.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'people-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileWith(content: unknown): string {
  const file = join(folder, 'people.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const ADA = { login: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' }

describe('the command line', () => {
  it('has a default for everything, the same each time', () => {
    const options = parseCommandLine([])
    expect(options).toMatchObject({ port: 3999, empty: false })
    expect(options?.redirectUris).toContain('http://localhost:3000/callback')
    expect(options?.redirectUris).toContain('http://localhost:5000/oidc/callback')
    expect(options).not.toHaveProperty('people') // those of people.ts
    expect(parseCommandLine([])).toEqual(options)
  })

  it('takes each value, and several redirect and sign-out URIs', () => {
    const args = ['--port', '0', '--client-id', 'id', '--client-secret', 'secret', '--api-token=token']
    const uris = ['http://localhost:1/a', 'http://localhost:2/b?c=d']
    const options = parseCommandLine([
      ...args,
      ...uris.flatMap((uri) => ['--redirect-uri', uri]),
      ...uris.flatMap((uri) => ['--sign-out-uri', uri]),
    ])
    expect(options).toMatchObject({
      port: 0,
      clientId: 'id',
      clientSecret: 'secret',
      apiToken: 'token',
      redirectUris: uris,
      signOutUris: uris,
    })
  })

  it('knows an app without a secret, an org without an app, and help', () => {
    expect(parseCommandLine(['--public'])?.clientSecret).toBeUndefined()
    expect(parseCommandLine(['--empty'])?.empty).toBe(true)
    expect(parseCommandLine(['--help'])).toBeUndefined()
    const documented = HELP.match(/^ {2}--[\w-]+/gm)?.map((name) => name.trim())
    expect(documented).toHaveLength(10)
  })

  it.each([
    [['--nonsense'], /^Unknown option '--nonsense'/],
    [['nonsense'], /^Unexpected argument 'nonsense'/],
    [['--port'], /^Option '--port/],
    [['--port', '-1'], /--port/],
    [['--port', '65536'], /^--port must be/],
    [['--port', 'http'], /^--port must be/],
    [['--client-id', ''], /^--client-id must be/],
    [['--client-secret', 'with space'], /^--client-secret must be/],
    [['--api-token', 'ü'], /^--api-token must be/],
    [['--redirect-uri', 'callback'], /^--redirect-uri must be/],
    [['--redirect-uri', 'javascript:alert(1)'], /^--redirect-uri must be/],
    [['--sign-out-uri', 'http://localhost/#a'], /^--sign-out-uri must be/],
    [['--public', '--client-secret', 'x'], /^--client-secret does not go with --public/],
    [['--empty', '--redirect-uri', 'http://localhost/'], /^--redirect-uri is about an app/],
    [['--people', '/nowhere/people.json'], /^--people \/nowhere\/people\.json: it cannot be read \(ENOENT\)/],
  ])('%j is refused in one line', (args, message) => {
    const call = () => parseCommandLine(args)
    expect(call).toThrow(UsageError)
    expect(call).toThrow(message)
    expect(call).not.toThrow(/\n/)
  })
})

describe('--people', () => {
  const read = (content: unknown) => parseCommandLine(['--people', fileWith(content)])

  it('takes people with little, and with everything', () => {
    const eve = {
      ...ADA,
      login: 'eve',
      email: 'eve@example.com',
      groups: ['Everyone', 'Staff'],
      status: 'SUSPENDED',
      assigned: false,
      profile: { title: 'Countess', primaryPhone: null },
    }
    const { people, groups } = read({ people: [ADA, eve] }) ?? {}
    expect(groups).toEqual([{ name: 'Staff', members: ['00u00000000000000002'] }])
    expect(people).toEqual([
      expect.objectContaining({
        id: '00u00000000000000001',
        status: 'ACTIVE',
        assigned: true,
        shows: 'may enter',
        profile: expect.objectContaining({ ...ADA, email: 'ada@example.com' }),
      }),
      expect.objectContaining({
        id: '00u00000000000000002',
        status: 'SUSPENDED',
        assigned: false,
        profile: expect.objectContaining({ login: 'eve', email: 'eve@example.com', title: 'Countess' }),
      }),
    ])
  })

  it.each([
    ['{ "people": [', 'it is not JSON'],
    [[ADA], 'it must be an object with "people"'],
    [{ people: [] }, 'at least one person'],
    [{ people: [ADA, 'Eve'] }, 'people[1] is not an object'],
    [{ people: [{ ...ADA, frstName: 'Ada' }] }, 'people[0] has "frstName"'],
    [{ people: [{ ...ADA, login: undefined }] }, 'people[0] has no text as "login"'],
    [{ people: [{ ...ADA, lastName: ' ' }] }, 'people[0] has no text as "lastName"'],
    [{ people: [{ ...ADA, email: 1 }] }, 'people[0] has no text as "email"'],
    [{ people: [{ ...ADA, status: 'HAPPY' }] }, '"status" of people[0] must be one of STAGED'],
    [{ people: [{ ...ADA, assigned: 'no' }] }, '"assigned" of people[0]'],
    [{ people: [{ ...ADA, groups: 'Staff' }] }, '"groups" of people[0]'],
    [{ people: [{ ...ADA, profile: { age: 36 } }] }, '"profile" of people[0]'],
    [{ people: [ADA, ADA] }, 'two people have the login "ada@example.com"'],
  ])('refuses %j in one line that names the place', (content, reason) => {
    const file = fileWith(content)
    const call = () => parseCommandLine(['--people', file])
    expect(call).toThrow(UsageError)
    expect(call).toThrow(`--people ${file}: `)
    expect(call).toThrow(reason)
    expect(call).not.toThrow(/\n/)
  })
})
