import type { Request } from 'express'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Session } from '../../src/sessions/session.js'
import { rememberOpened } from '../../src/sessions/session-memo.js'
import { addClaims } from '../support/forge.js'
import { type Lair, startLair } from '../support/lair.js'
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
    expect(visitor.cookies.has('lair')).toBe(false)
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
    expect(visitor.cookies.has('lair')).toBe(false)
  })

  it('[58] is worthless when its key is gone', async () => {
    const visitor = await remembered()
    await lair.restart({ SECRET_KEY: 'another-secret-key-for-these-few-tests' })
    expect(await statusOf(visitor)).toBe(302)
    await lair.restart()
  })

  it('[63] lets nobody in with one that is nearly the same', async () => {
    const visitor = await remembered()
    const value = visitor.cookies.get('lair') ?? ''
    const changed = [
      value.slice(0, -1),
      `${value}A`,
      `${value} x`,
      value.toLowerCase(),
      value.slice(0, 40) + (value[40] === 'x' ? 'y' : 'x') + value.slice(41),
    ]
    for (const cookie of changed) {
      const page = await lair.visitor().ask('/lair', { headers: { Cookie: `lair=${cookie}` } })
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

  it.each(['/login', '/LOGIN/', '/login?prompt=login', '/logout', '/Logout', '/callback', '/callback/'])(
    'is decrypted all the same for %s',
    async (path) => {
      const visitor = await remembered()
      const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
      const { status, location } = await visitor.ask(path)
      expect([status, decrypt.mock.calls.length]).toEqual([302, 1])
      if (/logout/i.test(path)) expect(location).toContain('id_token_hint=ey')
    },
  )

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

describe('rememberOpened', () => {
  const session: Session = {
    id: 'id',
    startedAt: 0,
    person: { subject: '00u1', firstName: null },
    idToken: 'packed',
    sessionExpiresAt: undefined,
  }
  const request = (cookie: string) => ({ headers: { cookie } }) as Request

  it.each([
    [60, 3600],
    [10, 10],
  ])('remembers for %d s a session that is good for %d', (rememberedFor, goodFor) => {
    vi.setSystemTime(1_800_000_000_000)
    const open = vi.fn(() => ({ session, untilMs: Date.now() + goodFor * 1000 }))
    const sessionOf = rememberOpened(open)
    sessionOf(request('lair=a'))
    pass(rememberedFor - 1)
    expect(sessionOf(request('lair=a'))?.id).toBe('id')
    expect(open).toHaveBeenCalledTimes(1)
    pass(1)
    sessionOf(request('lair=a'))
    expect(open).toHaveBeenCalledTimes(2)
  })

  it('keeps 10,000 sessions at most, without their ID tokens', () => {
    const open = vi.fn(() => ({ session, untilMs: Date.now() + 3_600_000 }))
    const sessionOf = rememberOpened(open)
    for (let n = 0; n <= 10_000; n++) sessionOf(request(`lair=${n}`))
    expect(open).toHaveBeenCalledTimes(10_001)
    expect(sessionOf(request('lair=1'))).toMatchObject({ id: 'id', idToken: null })
    expect(open).toHaveBeenCalledTimes(10_001)
    sessionOf(request('lair=0'))
    expect(open).toHaveBeenCalledTimes(10_002)
  })

  it('remembers nothing of cookies without a session', () => {
    const open = vi.fn(() => undefined)
    const sessionOf = rememberOpened(open)
    for (let n = 0; n < 2; n++) expect(sessionOf(request('lair=a'))).toBeUndefined()
    expect(open).toHaveBeenCalledTimes(2)
  })
})
