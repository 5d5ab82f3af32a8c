import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEndedSessions } from '../../src/sessions/ended-sessions.js'
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

describe('createEndedSessions', () => {
  const HOUR = 3600
  let time = 1_000_000
  const session = (id: string, subject = 'lion-o', startedAt = time) => ({
    id,
    startedAt,
    person: { subject },
  })
  const create = (maxMarks?: number) =>
    createEndedSessions({ maxSeconds: HOUR, now: () => time, ...(maxMarks && { maxMarks }) })

  it('keeps a session ended, and only that one', () => {
    const ended = create()
    ended.end(session('a'))
    expect(ended.has(session('a'))).toBe(true)
    expect(ended.has(session('b'))).toBe(false)
  })

  it('at the cap ends everything that the person had begun, rather than forget a mark', () => {
    const ended = create(3)
    const began = time
    for (const id of ['a', 'b', 'c']) ended.end(session(id))
    time += 1
    ended.end(session('d', 'lion-o', began))
    for (const id of ['a', 'b', 'c', 'd', 'another'])
      expect(ended.has(session(id, 'lion-o', began))).toBe(true)
    expect(ended.has(session('new'))).toBe(false) // signed in again since
    expect(ended.has(session('e', 'cheetara', began))).toBe(false)
  })

  it('at the cap ends no session that began after those that ended, though before they ended', () => {
    const ended = create(1)
    const began = time
    ended.end(session('a'))
    const next = session('next', 'lion-o', began + 1)
    time += 60_000
    ended.end(session('b', 'lion-o', began))
    expect([ended.has(session('a', 'lion-o', began)), ended.has(next)]).toEqual([true, false])
    ended.end(next)
    expect(ended.has(next)).toBe(true)
  })

  it('makes room by dropping what is over anyway', () => {
    const ended = create(2)
    ended.end(session('a', 'lion-o'))
    ended.end(session('b', 'cheetara'))
    time += (HOUR + 1) * 1000
    ended.end(session('c', 'lion-o'))
    expect(ended.has(session('other', 'lion-o'))).toBe(false) // no mark for the whole person was needed
    expect(ended.has(session('c', 'lion-o'))).toBe(true)
  })
})
