import { describe, expect, it } from 'vitest'
import { createLog } from '../src/log.js'
import { random } from './support/generators.js'

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
