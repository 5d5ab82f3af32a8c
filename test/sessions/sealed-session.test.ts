import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Request } from 'express'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSessionOpener } from '../../src/sessions/sealed-session.js'
import { addClaims } from '../support/forge.js'
import { type Lair, SECRET_KEY, startLair } from '../support/lair.js'
import type { Visitor } from '../support/visitor.js'

const { encryption, encryptSync } = createRequire(import.meta.url)('express-openid-connect/lib/crypto') as {
  encryption(secret: string): Buffer
  encryptSync(payload: string, key: Buffer, header: object): string
}

const IDLE = 600
const OTHER_KEY = 'some-other-secret-key-that-is-long-enough'

let lair: Lair
/** Their sessions take one cookie and two. */
let visitors: [Visitor, Visitor]
beforeAll(async () => {
  lair = await startLair({ SESSION_IDLE_SECONDS: String(IDLE) })
  const thin = await lair.signedIn()
  addClaims(lair.okta, { groups: Array.from({ length: 70 }, () => randomBytes(18).toString('base64url')) })
  visitors = [thin, await lair.signedIn()]
  lair.okta.rewrite = undefined
})
afterAll(() => lair.close())

const opener = (...secretKeys: string[]) =>
  createSessionOpener({ cookieName: 'lair', secretKeys, idleSeconds: IDLE })
const request = (cookies: Iterable<[string, string]>) =>
  ({ headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } }) as Request
const pass = (seconds: number) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Date.now() + seconds * 1000)
}

describe('createSessionOpener', () => {
  it.each([
    [0, ['lair']],
    [1, ['lair.0', 'lair.1']],
  ] as const)('opens what the library has sealed (%#)', (n, names) => {
    const { cookies } = visitors[n]
    expect([...cookies.keys()].filter((name) => /^lair(\.\d)?$/.test(name))).toEqual(names)
    const opened = opener(OTHER_KEY, SECRET_KEY)(request(cookies))
    expect(opened?.session).toMatchObject({
      id: expect.stringMatching(/^[\w-]{22}$/),
      person: { subject: lair.okta.people[0]?.id, firstName: 'Lion-O' },
    })
    expect(Math.abs((opened?.untilMs ?? 0) - Date.now() - (IDLE / 10) * 1000)).toBeLessThan(60_000)
  })

  it('leaves to the library what is due for renewal', () => {
    const { cookies } = visitors[0]
    pass(IDLE / 10 + 1)
    expect(opener(SECRET_KEY)(request(cookies))).toBeUndefined()
  })

  it('[60] leaves to the library what is near the end that Okta asks for', async () => {
    addClaims(lair.okta, { session_expiry: Math.floor(Date.now() / 1000) + 60 })
    const { cookies } = await lair.signedIn()
    lair.okta.rewrite = undefined
    expect(opener(SECRET_KEY)(request(cookies))).toBeDefined()
    pass(31)
    expect(opener(SECRET_KEY)(request(cookies))).toBeUndefined()
  })

  it('opens no second part without a first, as the library does not', () => {
    const value = visitors[0].cookies.get('lair') ?? ''
    expect(opener(SECRET_KEY)(request([['lair.0', value]]))).toBeDefined()
    expect(
      opener(SECRET_KEY)(
        request([
          ['xlair.0', 'z'],
          ['lair.1', value],
        ]),
      ),
    ).toBeUndefined()
  })

  it('[61] knows no other keys', () => {
    expect(opener(OTHER_KEY)(request(visitors[0].cookies))).toBeUndefined()
  })

  it('[63] opens nothing that was changed', () => {
    const value = visitors[0].cookies.get('lair') ?? ''
    const open = opener(SECRET_KEY)
    const changed = Array.from(
      value,
      (letter, n) => value.slice(0, n) + (letter === 'A' ? 'B' : 'A') + value.slice(n + 1),
    )
    // The last letter of a part may hold bits that stand for nothing (RFC 4648 section 3.5).
    expect(changed.length).toBeGreaterThan(500)
    const opened = changed.filter((cookie) => open(request([['lair', cookie]])))
    expect(opened.length).toBeLessThanOrEqual(2)
    for (const cookie of [
      '',
      '....',
      value.slice(0, -1),
      `${value}A`,
      `${value} x`,
      `"${value}"`,
      `${value}.`,
    ]) {
      expect([cookie, open(request([['lair', cookie]]))]).toEqual([cookie, undefined])
    }
  })
})

describe('a session of another app with the same key', () => {
  it.each([
    { id: 'x' },
    { id: 'x', startedAt: 4_000_000_000_000, person: null },
    { id: 'x', person: { subject: '00u1' } },
    { id_token: 'x' },
    [],
    'text',
  ])('is none: %j', async (content) => {
    const now = Math.floor(Date.now() / 1000)
    const cookie = encryptSync(JSON.stringify(content), encryption(SECRET_KEY), {
      iat: now,
      uat: now,
      exp: now + IDLE,
    })
    const page = await lair.visitor().ask('/lair', { headers: { Cookie: `lair=${cookie}` } })
    expect(page.status).toBe(302)
  })
})

describe('signing in and out', () => {
  it.each(['/login', '/login?prompt=login', '/callback', '/Callback/', '/logout'])(
    'renews no session that another tab may have ended meanwhile: %s',
    async (path) => {
      const { setCookies } = await visitors[0].ask(path, {
        headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' },
      })
      expect(setCookies.filter((cookie) => /^lair(\.\d)?=/.test(cookie))).toEqual([])
    },
  )
})

describe('a page', () => {
  it('decrypts a session without the library, but for one that is due for renewal', async () => {
    const library = vi.spyOn(crypto.subtle, 'decrypt')
    await lair.restart() // nothing is remembered
    const visitor = visitors[0]
    const before = library.mock.calls.length
    expect((await visitor.ask('/lair')).status).toBe(200)
    expect(library.mock.calls.length).toBe(before)
    pass(IDLE / 10 + 1)
    expect((await visitor.ask('/lair')).setCookies.join()).toContain('lair=')
    expect(library.mock.calls.length).toBe(before + 1)
  })
})
