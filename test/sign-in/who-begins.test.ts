import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRateLimit } from '../../src/sign-in/rate-limit.js'
import { type Lair, startLair } from '../support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair({ SIGN_IN_LIMIT_PER_MINUTE: '10', TRUST_PROXY: 'loopback' })
})
afterAll(() => lair.close())

const LOOKING = [
  ['a HEAD', { method: 'head' as const }],
  ['a prefetch', { headers: { 'Sec-Purpose': 'prefetch' } }],
  ['a prerender', { headers: { 'Sec-Purpose': 'prefetch;prerender' } }],
  ['an old browser’s prefetch', { headers: { Purpose: 'prefetch' } }],
] as const

describe('[122] what no person has asked for', () => {
  it.each(LOOKING)(
    '%s begins no sign-in, sets no cookie and counts against nobody',
    async (_what, options) => {
      for (const path of ['/lair', '/login']) {
        for (let time = 0; time < 15; time++) {
          const page = await lair.visitor().ask(path, options)
          expect([page.status, page.setCookies]).toEqual([401, []])
        }
      }
      expect((await lair.visitor().ask('/lair')).status).toBe(302)
    },
  )

  it('is let into the lair like anybody else who is signed in', async () => {
    const visitor = await lair.signedIn()
    for (const [, options] of LOOKING) expect((await visitor.ask('/lair', options)).status).toBe(200)
  })
})

describe('[123] the limiter', () => {
  it('sees one address in every spelling of it', () => {
    const attempt = createRateLimit(1)
    expect(attempt('2001:db8::1')).toBeUndefined()
    for (const spelling of [
      '2001:db8::1',
      '2001:DB8:0:0::2',
      '2001:0db8:0000:0000:0000:0000:0000:0001',
      '2001:db8::192.0.2.1',
      '2001:db8::5%eth0',
      '[2001:db8::1]:4711',
    ])
      expect([spelling, attempt(spelling)]).toEqual([spelling, 60])
    expect(attempt('192.0.2.1')).toBeUndefined()
    for (const spelling of [
      '192.0.2.1',
      '::ffff:192.0.2.1',
      '::FFFF:c000:201',
      '0:0:0:0:0:ffff:192.0.2.1',
      '192.0.2.1:4711',
    ])
      expect([spelling, attempt(spelling)]).toEqual([spelling, 60])
  })

  it('tells neighbours apart: another /64, another IPv4 address', () => {
    const attempt = createRateLimit(1)
    for (const address of [
      '2001:db8:0:1::1',
      '2001:db8:0:2::1',
      '192.0.2.1',
      '192.0.2.2',
      '::1',
      '::2:0:0:0:1',
    ])
      expect([address, attempt(address)]).toEqual([address, undefined])
  })

  it('counts 64 networks of a /48 for themselves, and all further ones together', () => {
    const attempt = createRateLimit(1)
    const waits = Array.from({ length: 66 }, (_, n) => attempt(`2001:db8:0:${n}::1`))
    expect(waits).toEqual([...Array(65).fill(undefined), 60])
  })

  it('a flood from 70,000 networks of a /48 pushes nobody’s counter out, and is limited itself', () => {
    const attempt = createRateLimit(5, () => 1_000_000)
    const others = Array.from({ length: 1000 }, (_, n) => `198.51.${n >> 8}.${n & 255}`)
    for (const other of others) for (let time = 0; time < 5; time++) attempt(other)
    let limited = 0
    for (let n = 0; n < 70_000; n++) {
      const address = `2001:db8:7:${(n % 65_536).toString(16)}::1`
      if (attempt(address) !== undefined) limited++
    }
    expect(limited).toBeGreaterThan(69_000)
    for (const other of others) expect(attempt(other)).toBe(60)
  })
})
