import { hkdfSync, randomBytes } from 'node:crypto'
import { compactDecrypt } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { SITE } from '../../src/site.js'
import { addClaims } from '../support/forge.js'
import { type Lair, SECRET_KEY, startLair } from '../support/lair.js'
import { cookieSecret } from '../support/sessions.js'
import { signOutInFlight } from '../support/sign-out.js'
import type { Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'
const IDLE = 600
const MAX = 3600
const SETTINGS = { SESSION_IDLE_SECONDS: String(IDLE), SESSION_MAX_SECONDS: String(MAX) }

let lair: Lair
beforeAll(async () => {
  lair = await startLair(SETTINGS)
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  lair.okta.rewrite = undefined
})
afterAll(() => lair.close())

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)
const isSignedIn = async (visitor: Visitor) => (await visitor.ask('/lair')).status === 200

/** What is inside the session cookie, for whoever has the key. */
async function contentOf(visitor: Visitor): Promise<Record<string, unknown>> {
  const jwe =
    visitor.cookies.get(SITE.slug) ??
    `${visitor.cookies.get(`${SITE.slug}.0`)}${visitor.cookies.get(`${SITE.slug}.1`) ?? ''}`
  const key = new Uint8Array(hkdfSync('sha256', cookieSecret(lair), '', 'JWE CEK', 32))
  return JSON.parse(new TextDecoder().decode((await compactDecrypt(jwe, key)).plaintext))
}

function sessionCookies(setCookies: string[]): string[] {
  return setCookies.filter((cookie) => new RegExp(`^${SITE.slug}(\\.\\d)?=`).test(cookie))
}

describe('how long a session lasts', () => {
  it('[52] ends when it was not used for SESSION_IDLE_SECONDS, at most a tenth and a second early', async () => {
    const visitor = await lair.signedIn()
    pass(IDLE * 0.9 - 1)
    expect(await isSignedIn(visitor)).toBe(true)
    const copy = visitor.copy()
    pass(IDLE * 0.9 - 1)
    expect(await isSignedIn(copy)).toBe(true)
    pass(IDLE)
    expect(await isSignedIn(copy)).toBe(false)
  })

  it('[53] ends SESSION_MAX_SECONDS after sign-in, however busy it is', async () => {
    const visitor = await lair.signedIn()
    for (let passed = 0; passed + 60 < MAX; passed += 60) {
      expect(await isSignedIn(visitor)).toBe(true)
      pass(60)
    }
    pass(60)
    const page = await visitor.ask('/lair')
    expect(page.status).toBe(302)
    expect(visitor.cookies.has(SITE.slug)).toBe(false)
    expect(lair.log.at(-1)).toMatchObject({ msg: 'session ended', reason: 'absolute timeout' })
  })

  it('is renewed once a tenth of the idle time has passed, and not on every page', async () => {
    const visitor = await lair.signedIn()
    const renewals: number[] = []
    for (let second = 0; second <= 180; second += 10) {
      const { setCookies } = await visitor.ask('/lair')
      if (sessionCookies(setCookies).length > 0) renewals.push(second)
      pass(10)
    }
    expect(renewals).toEqual([60, 120, 180])
  })

  it('[54] [50] starts anew at every sign-in, and the session before is worthless', async () => {
    const visitor = await lair.signedIn()
    for (let passed = 0; passed < MAX * 0.9; passed += 300) {
      await visitor.ask('/lair')
      pass(300)
    }
    const before = visitor.copy()
    expect(await isSignedIn(before)).toBe(true)
    await visitor.pick(await visitor.go('/login?prompt=login'), LION_O)
    expect(await isSignedIn(before)).toBe(false)
    for (let passed = 0; passed < MAX * 0.9; passed += 300) {
      expect(await isSignedIn(visitor)).toBe(true)
      pass(300)
    }
  })

  it.each([
    ['reached its absolute end', async () => pass(61)],
    ['was signed out elsewhere', async (visitor: Visitor) => void (await visitor.copy().ask('/logout'))],
  ])('[50] lets a new sign-in finish when the one before %s meanwhile', async (_how, end) => {
    const visitor = await lair.signedIn()
    for (let passed = 0; passed < MAX - 60; passed += 60) {
      await visitor.ask('/')
      pass(60)
    }
    const signInPage = await visitor.go('/login?prompt=login')
    await end(visitor)
    const page = await visitor.pick(signInPage, CHEETARA)
    expect([page.status, page.url]).toEqual([200, `${lair.url}/lair`])
    expect(await isSignedIn(visitor)).toBe(true)
  })

  it('[60] ends when Okta’s session_expiry says so', async () => {
    addClaims(lair.okta, { session_expiry: Math.floor(Date.now() / 1000) + 120 })
    const visitor = await lair.signedIn()
    pass(60)
    expect(await isSignedIn(visitor)).toBe(true)
    pass(60)
    expect(await isSignedIn(visitor)).toBe(false)
  })
})

describe('what is in the session cookie', () => {
  it('[24] is the person and the ID token for the sign-out, and no other token', async () => {
    const visitor = await lair.signedIn()
    const content = await contentOf(visitor)
    expect(content).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      startedAt: expect.any(Number),
      person: { subject: lair.okta.people[0]?.id, firstName: 'Lion-O' },
      idToken: expect.any(String),
    })
  })

  it('[45] holds a name of 8,000 characters, cut', async () => {
    addClaims(lair.okta, { given_name: 'x'.repeat(8000) })
    const visitor = lair.visitor()
    expect((await visitor.signIn(LION_O)).status).toBe(200)
    expect((await contentOf(visitor)).person).toEqual({
      subject: lair.okta.people[0]?.id,
      firstName: 'x'.repeat(100),
    })
  })

  it('[47] has an id that never repeats', async () => {
    const visitor = await lair.signedIn()
    const ids = new Set()
    for (let count = 0; count < 20; count++) {
      ids.add((await contentOf(visitor)).id)
      visitor.cookies.delete(SITE.slug)
      await visitor.go('/login') // Okta still knows the person
    }
    expect(ids.size).toBe(20)
  })

  it('[49] [51] takes nothing over from what was there before: a planted cookie, another person', async () => {
    const visitor = lair.visitor()
    visitor.cookies.set(SITE.slug, 'planted')
    await visitor.signIn(LION_O)
    const first = await contentOf(visitor)
    const before = visitor.copy()
    await visitor.pick(await visitor.go('/login?prompt=login'), CHEETARA)
    const second = await contentOf(visitor)
    expect(second.id).not.toBe(first.id)
    expect(second.person).toEqual({ subject: lair.okta.people[1]?.id, firstName: 'Cheetara' })
    expect(await isSignedIn(before)).toBe(false)
  })

  it('[63] is worth nothing with any one character changed, and never a 5xx', async () => {
    const visitor = await lair.signedIn()
    const value = visitor.cookies.get(SITE.slug) ?? ''
    const copy = visitor.copy()
    for (let at = 0; at < value.length; at += 7) {
      const changed = value[at] === 'A' ? 'B' : 'A'
      copy.cookies.set(SITE.slug, value.slice(0, at) + changed + value.slice(at + 1))
      const page = await copy.ask('/lair')
      // the last character of a part may carry unused bits, so that nothing changed
      const isLast = value[at + 1] === '.' || value[at + 1] === undefined
      expect([page.status, isLast]).toEqual(page.status === 302 ? [302, isLast] : [200, true])
    }
  })

  it.each([
    ['hasOwnProperty', 'hasOwnProperty=1'],
    ['other names that objects have', '__proto__=1; constructor=2; toString=3'],
    ['parts that it does not have', ['9=z', '0=', '1=y'].map((part) => `${SITE.slug}.${part}`).join('; ')],
    ['what is no cookie', 'lairx=1; =; ;;; a'],
    ['280 parts', Array.from({ length: 280 }, (_, n) => `lair.${n + 2}=${'z'.repeat(30)}`).join('; ')],
  ])('[64] [65] is not disturbed by %s beside it', async (_what, others) => {
    const visitor = await lair.signedIn()
    const page = await lair
      .visitor()
      .ask('/lair', { headers: { Cookie: `${others}; ${SITE.slug}=${visitor.cookies.get(SITE.slug)}` } })
    expect(page.status).toBe(200)
  })

  it('[66] is not touched by assets and probes', async () => {
    const visitor = await lair.signedIn()
    pass(IDLE / 5)
    for (const path of ['/healthz', '/assets/lair.css', '/assets/favicon.svg']) {
      expect((await visitor.ask(path)).setCookies).toEqual([])
    }
  })
})

describe('keys', () => {
  it('[58] [61] rotate without signing anybody out, until the old one is gone', async () => {
    const visitor = await lair.signedIn()
    const NEW = 'a-new-secret-key-for-tests-that-is-long'
    await lair.restart({ SECRET_KEY: `${NEW},${SECRET_KEY}` })
    pass(IDLE / 5)
    expect(await isSignedIn(visitor)).toBe(true) // and encrypted anew
    await lair.restart({ SECRET_KEY: NEW })
    expect(await isSignedIn(visitor)).toBe(true)
    await lair.restart({ SECRET_KEY: 'yet-another-secret-key-for-these-tests' })
    expect(await isSignedIn(visitor)).toBe(false) // a changed secret ends everybody's session
    await lair.restart()
  })

  it('[118] are all that instances share: a sign-in begins on one, ends on another, and is known to both', async () => {
    const other = await startLair({ ...SETTINGS, BASE_URL: lair.url }, { sharedOkta: lair.okta })
    const onOne = lair.visitor()
    const signInPage = await onOne.go('/lair?gate=1')
    const signedInOnOne = signIns(lair)
    const onOther = onOne.copy(other.reach)
    const page = await onOther.pick(signInPage, LION_O)
    expect([page.status, page.url]).toEqual([200, `${lair.url}/lair?gate=1`])
    expect([signIns(lair) - signedInOnOne, signIns(other)]).toEqual([0, 1])
    expect(await isSignedIn(onOther)).toBe(true)
    expect(await isSignedIn(onOther.copy(lair.reach))).toBe(true)
    await other.close()
  })

  const signIns = ({ log }: Lair) => log.filter(({ msg }) => msg === 'signed in').length
})

describe('a large ID token', () => {
  const readable = Array.from(
    { length: 200 },
    (_, n) => `Thundera-Engineering-Team-${String(n).padStart(4, '0')}-Europe`,
  )
  const unlike = Array.from({ length: 200 }, () => randomBytes(24).toString('base64url'))

  it('[45] of 200 groups signs in and out properly, with cookies under 4,096 bytes each and 8 KB together', async () => {
    addClaims(lair.okta, { groups: readable })
    const visitor = lair.visitor()
    const page = await visitor.signIn(LION_O)
    expect(page.status).toBe(200)
    pass(IDLE / 5)
    const { setCookies } = await visitor.ask('/lair')
    expect(sessionCookies(setCookies)).not.toEqual([])
    for (const cookie of setCookies) expect(cookie.length).toBeLessThanOrEqual(4096)
    expect([...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ').length).toBeLessThan(
      8192,
    )

    const leaving = await visitor.ask('/logout')
    const hint = new URL(leaving.location ?? '').searchParams.get('id_token_hint') ?? ''
    expect(hint.length).toBeGreaterThan(8000)
    expect((await visitor.go(leaving.location ?? '')).url).toBe(`${lair.url}/`)
    expect((await visitor.go('/lair')).text).toContain('name="person"')
  })

  it('[45] that does not fit signs in, and out here only, and says so', async () => {
    addClaims(lair.okta, { groups: unlike })
    const visitor = await lair.signedIn()
    const landing = await visitor.go('/logout')
    expect(landing.url).toBe(`${lair.url}/`)
    expect(landing.text).toContain('may live on')
    expect(visitor.cookies.has(SITE.slug)).toBe(false)
  })

  it('[46] may be followed by a smaller one, and the other way round', async () => {
    const some = unlike.slice(0, 70)
    const visitor = lair.visitor()
    for (const groups of [some, [], some, []]) {
      addClaims(lair.okta, { groups })
      if (visitor.cookies.size > 0) await visitor.pick(await visitor.go('/login?prompt=login'), LION_O)
      else await visitor.signIn(LION_O)
      expect(await isSignedIn(visitor)).toBe(true)
      expect(visitor.cookies.has(`${SITE.slug}.1`)).toBe(groups.length > 0)
      expect(visitor.cookies.has(SITE.slug)).toBe(groups.length === 0)
    }
  })
})

describe('signing out', () => {
  it('[55] makes every copy of the cookie worthless', async () => {
    const visitor = await lair.signedIn()
    const copies = [visitor.copy()]
    pass(IDLE / 5)
    await visitor.ask('/lair') // renewed: another cookie of the same session
    copies.push(visitor.copy())
    await visitor.go('/logout')
    for (const copy of copies) {
      expect(await isSignedIn(copy)).toBe(false)
      expect(copy.cookies.has(SITE.slug)).toBe(false)
    }
  })

  it('[56] is final, wherever requests in flight fall: 50 of them bring nothing back', () =>
    signOutInFlight(lair, 2, () => pass(IDLE / 5)))

  it('leaves the other sessions of the same person alone', async () => {
    const [one, other] = [await lair.signedIn(), await lair.signedIn()]
    await one.go('/logout')
    expect(await isSignedIn(other)).toBe(true)
  })

  it('[71] [87] tells the browser to forget', async () => {
    const visitor = await lair.signedIn()
    const { headers } = await visitor.ask('/logout')
    expect(headers['clear-site-data']).toBe('"cache", "storage"')
    expect(headers['cache-control']).toBe('no-store')
  })

  it('[34] [69] goes to Okta with hint, client and our own address, whatever the URL says', async () => {
    const visitor = await lair.signedIn()
    const { location } = await visitor.ask(
      '/logout?returnTo=//evil.example&post_logout_redirect_uri=//evil.example',
    )
    const query = new URL(location ?? '').searchParams
    expect(query.get('post_logout_redirect_uri')).toBe(`${lair.url}/`)
    expect(query.get('client_id')).toBe(lair.okta.clientId)
    expect(query.get('id_token_hint')).not.toBeNull()
    expect((await visitor.ask('/?state=anything')).status).toBe(200) // a wrong state on return is harmless
  })
})
