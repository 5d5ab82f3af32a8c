import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRateLimit } from '../../src/sign-in/rate-limit.js'
import { type Lair, startLair } from '../support/lair.js'
import { exceedSignInLimit } from '../support/sign-in-limit.js'

describe('[114] the sign-in limit', () => {
  let lair: Lair
  beforeAll(async () => {
    lair = await startLair({ SIGN_IN_LIMIT_PER_MINUTE: '20', TRUST_PROXY: 'loopback' })
  })
  afterAll(() => lair.close())

  it('answers 200 anonymous requests of one address with 429 and Retry-After, at no cost to Okta', () =>
    exceedSignInLimit(lair, 20, 200))

  it('is not used up by scripts on other sites', async () => {
    await lair.restart({ SIGN_IN_LIMIT_PER_MINUTE: '2' })
    const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'empty' }
    for (let count = 0; count < 5; count++)
      expect((await lair.visitor().ask('/login', { headers })).status).toBe(401)
    expect((await lair.visitor().ask('/login')).status).toBe(302)
    await lair.restart()
  })

  it('leaves other addresses, public pages and signed-in people alone', async () => {
    const elsewhere = { 'X-Forwarded-For': '203.0.113.9' }
    expect((await lair.visitor().ask('/lair', { headers: elsewhere })).status).toBe(302)
    expect((await lair.visitor().ask('/')).status).toBe(200)
  })
})

describe('createRateLimit', () => {
  it('starts over after a minute', () => {
    let time = 0
    const attempt = createRateLimit(2, () => time)
    expect([attempt('a'), attempt('a'), attempt('a')]).toEqual([undefined, undefined, 60])
    time = 45_000
    expect(attempt('a')).toBe(15)
    time = 60_001
    expect(attempt('a')).toBeUndefined()
  })

  it('counts an IPv6 network as one, and an IPv4 address in IPv6 notation for itself', () => {
    const attempt = createRateLimit(1, () => 0)
    expect(attempt('2001:db8:1:2:3:4:5:6')).toBeUndefined()
    expect(attempt('2001:db8:1:2::1')).toBe(60)
    expect(attempt('2001:db8:1:3::1')).toBeUndefined()
    expect(attempt('::ffff:10.0.0.1')).toBeUndefined()
    expect(attempt('::ffff:10.0.0.2')).toBeUndefined()
    expect(attempt('::1')).toBeUndefined()
  })

  it('remembers a bounded number of addresses', () => {
    const attempt = createRateLimit(1, () => 0)
    attempt('first')
    for (let count = 0; count < 10_000; count++) attempt(`other ${count}`)
    expect(attempt('first')).toBeUndefined() // forgotten: it was quiet longest
    expect(attempt('other 9999')).toBe(60)
  })
})
