/** What a line of the log blanks out, and what it costs, whatever is in it. */
import { describe, expect, it } from 'vitest'
import { createLog } from '../src/log.js'
import { random } from './support/generators.js'

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

describe('[124] a line costs little, whatever is in it:', () => {
  const PARTS = [
    '@',
    '%40',
    '%2540',
    '%25',
    '%',
    '.',
    '-',
    '_',
    '~',
    '+',
    '/',
    ':',
    ' ',
    'a',
    'B7',
    'ä',
    '日本',
    '\u0001',
  ]
  const RUNS = ['x'.repeat(39), 'x'.repeat(40), `${'y'.repeat(64)}.`, '%25'.repeat(50), '%C3%A4'.repeat(20)]
  const log = createLog({ logLevel: 'info' }, { write: () => undefined })

  /** Texts of a seed, each made of up to four parts over and over. */
  function* texts(count: number, seed: number): Generator<string> {
    const parts = [...PARTS, ...RUNS]
    for (const part of parts) yield part
    const next = random(seed)
    const pick = <T>(from: T[]) => from[Math.floor(next() * from.length)] as T
    for (let index = 0; index < count; index++) {
      const some = Array.from({ length: 2 + Math.floor(next() * 3) }, () => pick(parts))
      yield Array.from({ length: 100 }, () => pick(some)).join('')
    }
  }

  /** In milliseconds; the median, so that what else the machine does counts little. */
  function cost(entry: object): number {
    const times = Array.from({ length: 15 }, () => {
      const start = performance.now()
      log.info(entry, 'answered 404')
      return performance.now() - start
    })
    return times.sort((a, b) => a - b)[7] as number
  }

  const fill = (text: string, length: number) => text.repeat(Math.ceil(length / text.length)).slice(0, length)

  it.each([
    ['path', (text: string) => ({ path: text })],
    ['error', (text: string) => ({ err: new Error(text) })],
  ])('under 0.2 ms for any %s', (_, entryOf) => {
    for (const length of [2200, 16_000]) cost(entryOf(fill('/warm@up/', length)))
    for (const text of texts(200, 7)) {
      for (const length of [2200, 16_000]) {
        const entry = entryOf(fill(text, length))
        const ms = Math.min(cost(entry), cost(entry), cost(entry))
        expect(ms, JSON.stringify(text)).toBeLessThan(0.2)
      }
    }
  })

  it('and at most 20 times as much for 10 times as many characters', () => {
    for (const text of texts(200, 11)) {
      const [short, long] = [220, 2200].map((length) => {
        const entry = { path: fill(text, length) }
        return Math.min(cost(entry), cost(entry), cost(entry))
      })
      expect(Number(long) / Number(short), JSON.stringify(text)).toBeLessThan(20)
    }
  })
})
