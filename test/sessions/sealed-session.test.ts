import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Request } from 'express'
import { compactDecrypt } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AppConfig, loadConfig } from '../../src/config.js'
import { cookieSecrets } from '../../src/sessions/sealing.js'
import { createSessionCookie } from '../../src/sessions/session-cookie.js'
import { SITE } from '../../src/site.js'
import { addClaims } from '../support/forge.js'
import { environmentFor, type Lair, startLair } from '../support/lair.js'
import { cookieSecret } from '../support/sessions.js'
import type { Visitor } from '../support/visitor.js'

/** The library's own functions for its session cookie. */
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

const opener = (...secrets: [string, ...string[]]) =>
  createSessionCookie({ name: SITE.slug, secure: false, secrets, idleSeconds: IDLE }).open
const request = (cookies: Iterable<[string, string]>) =>
  ({ headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } }) as Request
const pass = (seconds: number) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Date.now() + seconds * 1000)
}

describe('the session cookie', () => {
  it.each([
    [0, [SITE.slug]],
    [1, [`${SITE.slug}.0`, `${SITE.slug}.1`]],
  ] as const)('opens what it has sealed (%#)', (n, names) => {
    const { cookies } = visitors[n]
    expect([...cookies.keys()].filter((name) => new RegExp(`^${SITE.slug}(\\.\\d)?$`).test(name))).toEqual(
      names,
    )
    const opened = opener(OTHER_KEY, cookieSecret(lair))(request(cookies))
    expect(opened).toMatchObject({
      id: expect.stringMatching(/^[\w-]{22}$/),
      person: { subject: lair.okta.people[0]?.id, firstName: 'Lion-O' },
    })
    expect(Math.abs((opened?.sealedAt ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(opened?.endsAt).toBe((opened?.sealedAt ?? 0) + IDLE * 1000)
  })

  it('opens what the library has sealed', () => {
    const uat = Math.floor(Date.now() / 1000)
    const session = {
      id: 'x',
      startedAt: uat * 1000,
      person: { subject: '00u1', firstName: null },
      idToken: null,
    }
    const times = { iat: uat, uat, exp: uat + IDLE }
    const sealed = encryptSync(JSON.stringify(session), encryption(cookieSecret(lair)), times)
    expect(opener(cookieSecret(lair))(request([[SITE.slug, sealed]]))).toEqual({
      ...session,
      sealedAt: uat * 1000,
      endsAt: (uat + IDLE) * 1000,
    })
  })

  it.each([0, 1])('is sealed so that the library can open it (%#)', async (n) => {
    const cookies = visitors[n]?.cookies ?? new Map()
    const sealed =
      cookies.get(SITE.slug) ?? `${cookies.get(`${SITE.slug}.0`)}${cookies.get(`${SITE.slug}.1`)}`
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, encryption(cookieSecret(lair)), {
      contentEncryptionAlgorithms: ['A256GCM'],
      keyManagementAlgorithms: ['dir'],
    })
    expect(JSON.parse(new TextDecoder().decode(plaintext)).person.firstName).toBe('Lion-O')
    expect(protectedHeader).toMatchObject({ uat: expect.any(Number), exp: expect.any(Number) })
  })

  it('never has the same nonce twice', async () => {
    const nonces = new Set<string | undefined>()
    for (let n = 0; n < 20; n++) nonces.add((await lair.signedIn()).cookies.get(SITE.slug)?.split('.')[2])
    expect(nonces.size).toBe(20)
  })

  it('[60] ends half a minute before the end that Okta asks for', async () => {
    const end = Math.floor(Date.now() / 1000) + 60
    addClaims(lair.okta, { session_expiry: end })
    const { cookies } = await lair.signedIn()
    lair.okta.rewrite = undefined
    expect(opener(cookieSecret(lair))(request(cookies))?.endsAt).toBe((end - 30) * 1000)
  })

  it('opens no second part without a first, as the library does not', () => {
    const value = visitors[0].cookies.get(SITE.slug) ?? ''
    expect(opener(cookieSecret(lair))(request([[`${SITE.slug}.0`, value]]))).toBeDefined()
    expect(
      opener(cookieSecret(lair))(
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
    const value = visitors[0].cookies.get(SITE.slug) ?? ''
    const open = opener(cookieSecret(lair))
    const changed = Array.from(
      value,
      (letter, n) => value.slice(0, n) + (letter === 'A' ? 'B' : 'A') + value.slice(n + 1),
    )
    // The last letter of a part may hold bits that stand for nothing (RFC 4648 section 3.5).
    expect(changed.length).toBeGreaterThan(500)
    const opened = changed.filter((cookie) => open(request([[SITE.slug, cookie]])))
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
      expect([cookie, open(request([[SITE.slug, cookie]]))]).toEqual([cookie, undefined])
    }
  })
})

describe('[126] a session of an app with the same SECRET_KEY', () => {
  it.each([
    ['of another client', { OKTA_CLIENT_ID: 'another-client' }],
    ['of another issuer', { OKTA_ISSUER: 'http://localhost:1/oauth2/default' }],
    ['at another base URL', { BASE_URL: 'http://localhost:1' }],
  ])('%s opens nothing', async (_what, other) => {
    const visitor = await lair.signedIn()
    const config = {
      ...loadConfig({ ...environmentFor(lair.okta), BASE_URL: lair.url, ...other }),
    } as AppConfig
    expect(opener(...cookieSecrets(config))(request(visitor.cookies))).toBeUndefined()
    const same = {
      ...config,
      ...loadConfig({ ...environmentFor(lair.okta), BASE_URL: lair.url }),
    } as AppConfig
    expect(opener(...cookieSecrets(same))(request(visitor.cookies))).toBeDefined()
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
    const cookie = encryptSync(JSON.stringify(content), encryption(cookieSecret(lair)), {
      iat: now,
      uat: now,
      exp: now + IDLE,
    })
    const page = await lair.visitor().ask('/lair', { headers: { Cookie: `${SITE.slug}=${cookie}` } })
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
      expect(setCookies.filter((cookie) => new RegExp(`^${SITE.slug}(\\.\\d)?=`).test(cookie))).toEqual([])
    },
  )
})

describe('a page', () => {
  it('sends the cookie again once a tenth of the idle time has passed, and never through the library', async () => {
    const library = vi.spyOn(crypto.subtle, 'decrypt')
    await lair.restart() // nothing is remembered
    const visitor = visitors[0]
    const page = await visitor.ask('/lair')
    expect([page.status, page.setCookies]).toEqual([200, []])
    pass(IDLE / 10 + 1)
    expect((await visitor.ask('/lair')).setCookies.join()).toContain(`${SITE.slug}=`)
    expect(library).not.toHaveBeenCalled()
  })

  it('sends no session again that ended while the page was waiting for Okta', async () => {
    const visitor = await lair.signedIn()
    const otherTab = lair.visitor()
    for (const [name, value] of visitor.cookies) otherTab.cookies.set(name, value)
    pass(IDLE / 5) // due to be sent again
    lair.pass(IDLE / 5) // and Okta is asked for the user again
    await lair.okta.faults.on('users-hangs')
    const asked = lair.okta.faults.asked.users
    const slow = visitor.ask('/')
    await vi.waitFor(() => expect(lair.okta.faults.asked.users).toBeGreaterThan(asked), { interval: 5 })
    await otherTab.ask('/logout')
    const page = await slow
    await lair.okta.faults.clear()
    expect(page.setCookies).toEqual([])
  })
})
