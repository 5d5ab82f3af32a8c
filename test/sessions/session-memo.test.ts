import type { Request, Response } from 'express'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import * as sealing from '../../src/sessions/sealing.js'
import type { Session } from '../../src/sessions/session.js'
import { createSessionCookie, type OpenedSession } from '../../src/sessions/session-cookie.js'
import { SITE } from '../../src/site.js'
import { addClaims } from '../support/forge.js'
import { type Lair, SECRET_KEY, startLair } from '../support/lair.js'
import type { Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'
/** Short, so that it ends while the memo, left to itself, would still remember. */
const IDLE = 30
/** Not a minute's multiple, for the same reason. */
const MAX = 100

let lair: Lair
/** Its cookies are not due for renewal before the absolute end. */
let longIdle: Lair
beforeAll(async () => {
  lair = await startLair({ SESSION_IDLE_SECONDS: String(IDLE) })
  longIdle = await startLair({ SESSION_MAX_SECONDS: String(MAX) })
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  lair.okta.rewrite = undefined
})
afterAll(() => Promise.all([lair.close(), longIdle.close()]))

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)
const statusOf = async (visitor: Visitor) => (await visitor.ask('/lair')).status

/** Signed in, and just seen: the memo knows the cookie. */
async function remembered(login = LION_O): Promise<Visitor> {
  const visitor = await lair.signedIn(login)
  expect(await statusOf(visitor)).toBe(200)
  return visitor
}

describe('a session cookie that was verified a moment ago', () => {
  it('gets the same answer as one that was not', async () => {
    const visitor = await lair.signedIn()
    await lair.restart()
    const pages = []
    for (let page = 0; page < 2; page++) pages.push(await visitor.ask('/lair'))
    const [first, again] = pages.map(({ status, headers, text, setCookies }) => {
      const { date, 'x-request-id': id, ...rest } = headers
      return { status, rest, text, setCookies }
    })
    expect(first).toMatchObject({ status: 200, text: expect.stringContaining('lion-o@thundera.example') })
    expect(again).toEqual(first)
  })

  it('[52] still ends when it was not used for SESSION_IDLE_SECONDS', async () => {
    const visitor = await remembered()
    pass(IDLE + 1)
    expect(await statusOf(visitor)).toBe(302)
  })

  it('[53] still ends SESSION_MAX_SECONDS after sign-in', async () => {
    const visitor = await longIdle.signedIn()
    pass(MAX - 1)
    expect(await statusOf(visitor)).toBe(200)
    pass(1)
    expect(await statusOf(visitor)).toBe(302)
    expect(visitor.cookies.has(SITE.slug)).toBe(false)
  })

  it('[60] still ends when Okta’s session_expiry says so', async () => {
    addClaims(longIdle.okta, { session_expiry: Math.floor(Date.now() / 1000) + 80 })
    const visitor = await longIdle.signedIn()
    longIdle.okta.rewrite = undefined
    pass(79 - 30) // the library ends it half a minute early
    expect(await statusOf(visitor)).toBe(200)
    pass(31)
    expect(await statusOf(visitor)).toBe(302)
  })

  it('[55] is worthless as soon as any copy of it has signed out', async () => {
    const visitor = await remembered()
    const copy = visitor.copy()
    expect(await statusOf(copy)).toBe(200)
    await visitor.ask('/logout')
    expect(await statusOf(copy)).toBe(302)
  })

  it('[50] is worthless as soon as another sign-in has taken its place', async () => {
    const visitor = await remembered()
    const before = visitor.copy()
    await visitor.pick(await visitor.go('/login?prompt=login'), CHEETARA)
    expect(await statusOf(before)).toBe(302)
    expect((await visitor.ask('/')).text).toContain('Welcome back, Cheetara')
  })

  it('[57] goes from the browser when Okta shuts the account out', async () => {
    const visitor = await remembered(CHEETARA)
    const person = lair.okta.people[1]
    if (!person) throw new Error('no Cheetara')
    person.status = 'SUSPENDED'
    lair.pass(60)
    const page = await visitor.ask('/lair')
    person.status = 'ACTIVE'
    expect(page.status).toBe(403)
    expect(visitor.cookies.has(SITE.slug)).toBe(false)
  })

  it('[58] is worthless when its key is gone', async () => {
    const visitor = await remembered()
    await lair.restart({ SECRET_KEY: 'another-secret-key-for-these-few-tests' })
    expect(await statusOf(visitor)).toBe(302)
    await lair.restart()
  })

  it('[63] lets nobody in with one that is nearly the same', async () => {
    const visitor = await remembered()
    const value = visitor.cookies.get(SITE.slug) ?? ''
    const changed = [
      value.slice(0, -1),
      `${value}A`,
      `${value} x`,
      value.toLowerCase(),
      value.slice(0, 40) + (value[40] === 'x' ? 'y' : 'x') + value.slice(41),
    ]
    for (const cookie of changed) {
      const page = await lair.visitor().ask('/lair', { headers: { Cookie: `${SITE.slug}=${cookie}` } })
      expect([cookie, page.status]).toEqual([cookie, 302])
    }
  })

  it('is never somebody else’s', async () => {
    const visitors = [await remembered(LION_O), await remembered(CHEETARA)]
    for (let turn = 0; turn < 6; turn++) {
      const name = turn % 2 === 0 ? 'Lion-O' : 'Cheetara'
      expect((await visitors[turn % 2]?.ask('/'))?.text).toContain(`Welcome back, ${name}`)
    }
  })

  it.each([
    ['/login', 0],
    ['/LOGIN/', 0],
    ['/login?prompt=login', 0],
    ['/callback', 0],
    ['/callback/', 0],
    ['/logout', 1], // which needs the ID token
    ['/Logout', 1],
  ])('is recalled for %s, and decrypted %d times', async (path, times) => {
    const visitor = await remembered()
    const decrypted = vi.spyOn(sealing, 'unseal')
    const { status, location } = await visitor.ask(path)
    expect([status, decrypted.mock.calls.length]).toEqual([302, times])
    if (times > 0) expect(location).toContain('id_token_hint=ey')
  })

  it('is sent again in two of a hundred pages at most, and when a tenth of the idle time has passed', async () => {
    await lair.restart({ SESSION_IDLE_SECONDS: '3600' })
    const visitor = await lair.signedIn()
    let sent = 0
    for (let second = 0; second < 500; second += 5) {
      if ((await visitor.ask('/lair')).setCookies.length > 0) sent++
      pass(5)
    }
    await lair.restart()
    expect(sent).toBe(1)
  })
})

describe('recalling a session cookie', () => {
  const session: Session = {
    id: 'id',
    startedAt: 0,
    person: { subject: '00u1', firstName: null },
    idToken: 'packed',
    sessionExpiresAt: undefined,
  }

  /** A cookie, the number of times that it was decrypted, and requests that have it. */
  function create(idleSeconds = 3600) {
    const cookie = createSessionCookie({ name: SITE.slug, secure: false, secrets: [SECRET_KEY], idleSeconds })
    const decrypted = vi.spyOn(sealing, 'unseal')
    decrypted.mockClear()
    const written = new Map<string, string>()
    const res = { cookie: (name: string, value: string) => written.set(name, value) } as unknown as Response
    const request = (header: string) => ({ headers: { cookie: header } }) as Request
    cookie.write(request(''), res, session)
    return {
      cookie,
      decrypted,
      request: (more = '') => request(`${SITE.slug}=${written.get(SITE.slug)}${more}`),
    }
  }

  it('remembers for a minute', () => {
    vi.setSystemTime(1_800_000_000_000)
    const { cookie, decrypted, request } = create()
    cookie.recall(request())
    pass(59)
    expect(cookie.recall(request())?.id).toBe('id')
    expect(decrypted).toHaveBeenCalledTimes(1)
    pass(1)
    cookie.recall(request())
    expect(decrypted).toHaveBeenCalledTimes(2)
  })

  it('keeps 10,000 sessions at most, without their ID tokens', () => {
    const { cookie, decrypted, request } = create()
    for (let n = 0; n <= 10_000; n++) cookie.recall(request(`; n=${n}`))
    expect(decrypted).toHaveBeenCalledTimes(10_001)
    expect(Object.keys(cookie.recall(request('; n=1')) ?? {})).not.toContain('idToken')
    expect(decrypted).toHaveBeenCalledTimes(10_001)
    cookie.recall(request('; n=0'))
    expect(decrypted).toHaveBeenCalledTimes(10_002)
  })

  it('gives a session that no page can change for the next one', () => {
    const { cookie, request } = create()
    const recalled = cookie.recall(request()) as OpenedSession
    expect(() => {
      recalled.startedAt = Date.now()
    }).toThrow(TypeError)
    expect(cookie.recall(request())?.startedAt).toBe(0)
  })

  it('remembers nothing of cookies without a session', () => {
    const { cookie, decrypted } = create()
    const request = { headers: { cookie: `${SITE.slug}=a..b.c.d` } } as Request
    for (let n = 0; n < 2; n++) expect(cookie.recall(request)).toBeUndefined()
    expect(decrypted).toHaveBeenCalledTimes(2)
  })
})
