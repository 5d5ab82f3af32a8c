/** What a line of the log blanks out, and what it costs, whatever is in it. */
import { describe, expect, it } from 'vitest'
import { createLog } from '../src/log.js'

/** The line that is written for an entry. */
function lineOf(entry: object) {
  const lines: string[] = []
  createLog({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) }).info(entry, 'x')
  return JSON.parse(lines.join())
}
const logged = (path: string): string => lineOf({ path }).path

describe('[99] a line', () => {
  const ADDRESSES = [
    'lion-o@thundera.example',
    'lion-o%40thundera.example',
    'lion-o%2540thundera.example',
    'lion-o%252540thundera%252Eexample',
    "o'lion+cub_1@thundera.example",
    'löwe@müller.example',
    'l%C3%B6we%40m%C3%BCller.example',
    '獅子@雷.example',
    'lion-o@localhost',
    `${'lion-o'.repeat(20)}@${'thundera.'.repeat(30)}example`,
  ]
  const AROUND = [
    ['', ''],
    ['/a/', '/b'],
    ['mailto:', '?subject=x'],
    ['no user <', '>, sorry'],
    ['{"email":"', '","name":"x"}'],
    ['?login=', '&x=y'],
  ] as const

  it.each(ADDRESSES)('has no e-mail address: %s', (address) => {
    for (const [before, after] of AROUND)
      expect(logged(`${before}${address}${after}`)).toBe(`${before}[e-mail]${after}`)
  })

  it('has no code and no token', () => {
    for (const secret of [
      'x'.repeat(40),
      'aB3._~+-'.repeat(5),
      `eyJ${'a'.repeat(50)}.eyJ${'b'.repeat(2000)}.c`,
    ])
      for (const [before, after] of AROUND)
        expect(logged(`${before}${secret}${after}`)).toBe(`${before}[secret]${after}`)
  })

  it.each([
    '/node_modules/@okta/okta-sdk-nodejs/index.js',
    `/${'x'.repeat(39)}/50%25/a.b`,
    '/m%C3%BC/日本/@',
  ])('keeps what is neither: %s', (path) => expect(logged(path)).toBe(path))

  it('keeps the start of a long text, and no half of an address or a token', () => {
    for (const secret of [...ADDRESSES, 'tOkEn-'.repeat(10)]) {
      for (let length = 2100; length < 2300; length++) {
        const kept = logged(
          `${'/...'.repeat(length / 4)}${'/'.repeat(length % 4)}${secret}/${'..../'.repeat(500)}`,
        )
        expect(kept).toMatch(/^[/.]*(\[e-mail\]|\[secret\])?[/.]*\[cut\]$/)
      }
    }
  })

  it('ends the list of causes, also where they run in a circle', () => {
    const error = new Error('one')
    error.cause = new Error('two', { cause: error })
    expect(lineOf({ err: error }).err).toMatchObject({ message: 'one', cause: { message: 'two' } })
  })
})
