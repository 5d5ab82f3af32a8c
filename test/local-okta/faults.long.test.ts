import { setTimeout as pause } from 'node:timers/promises'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { askForToken } from '../support/service-app.js'
import { Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'
const APP = 'http://localhost:3000'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
  okta.register(APP)
})
afterEach(() => okta.faults.clear())
afterAll(() => okta.close())

const get = (path: string, init: RequestInit = {}) => fetch(`${okta.orgUrl}${path}`, init)
const user = (idOrLogin: string, init: RequestInit = {}) =>
  get(`/api/v1/users/${idOrLogin}`, { ...init, headers: { Authorization: `SSWS ${okta.apiToken}` } })

const keySet = async () => (await (await get('/oauth2/default/v1/keys')).json()) as JSONWebKeySet

function authorizeUrl(endpoint = `${okta.issuer}/v1/authorize`): string {
  const query = new URLSearchParams({
    client_id: okta.clientId,
    response_type: 'code',
    scope: 'openid profile email',
    redirect_uri: `${APP}/callback`,
    state: 'state',
  })
  return `${endpoint}?${query}`
}

/** Where Okta sends the browser of somebody who signs in. */
async function signIn(
  login: string,
  visitor = new Visitor(okta.orgUrl),
  endpoint?: string,
): Promise<URL | number> {
  let page = await visitor.ask(authorizeUrl(endpoint))
  while (page.location && !page.location.startsWith(APP)) page = await visitor.ask(page.location)
  if (!page.location) page = await visitor.ask(page.url, { method: 'post', form: { person: login } })
  while (page.location && !page.location.startsWith(APP)) page = await visitor.ask(page.location)
  return page.location ? new URL(page.location) : page.status
}

async function redeem(login: string, init?: () => RequestInit): Promise<Response> {
  const back = (await signIn(login)) as URL
  return fetch(`${okta.issuer}/v1/token`, {
    ...init?.(),
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: `${APP}/callback`,
      client_id: okta.clientId,
      client_secret: okta.clientSecret,
    }),
  })
}

/** `init` is called when the request begins: the token endpoint's comes after a sign-in. */
type Ask = (init?: () => RequestInit) => Promise<Response>
const PATIENCE_MS = 100
const soon = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })
const DISCOVERY = '/.well-known/openid-configuration'

const ASK: Record<string, Ask> = {
  discovery: (init) => get(`/oauth2/default${DISCOVERY}`, init?.()),
  keys: (init) => get('/oauth2/default/v1/keys', init?.()),
  token: (init) => redeem(LION_O, init),
  users: (init) => user(LION_O, init?.()),
  groups: (init) => user(`${LION_O}/groups`, init?.()),
  credentials: (init) => askForToken(okta, {}, init?.()),
}

async function says(ask: Ask, status: number, body: unknown, type = /json/): Promise<Response> {
  const answer = await ask()
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toMatch(type)
  const text = await answer.text()
  if (typeof body === 'string') expect(text).toContain(body)
  else expect(JSON.parse(text)).toEqual(body)
  return answer
}

/** Every way in which each of the six fails. */
const EVERYWHERE: Record<string, (ask: Ask) => Promise<unknown>> = {
  drops: (ask) => expect(ask()).rejects.toThrow('fetch failed'),
  hangs: (ask) => expect(ask(soon)).rejects.toMatchObject({ name: 'TimeoutError' }),
  async stalls(ask) {
    const answer = await ask()
    expect(answer.status).toBe(200)
    const rest = answer.text().catch(() => 'cut off') // when the fault ends
    expect(await Promise.race([rest, pause(PATIENCE_MS, 'nothing')])).toBe('nothing')
  },
  async slow(ask) {
    const begun = performance.now()
    const answer = await ask()
    expect(performance.now() - begun).toBeGreaterThan(245)
    expect(Object.keys((await answer.json()) as object).length).toBeGreaterThan(0)
    expect(answer.status).toBe(200)
  },
  async 'rate-limited'(ask) {
    const body = expect.objectContaining({ errorCode: 'E0000047', errorCauses: [] })
    const { headers } = await says(ask, 429, body)
    expect(headers.get('x-rate-limit-limit')).toMatch(/^\d+$/)
    expect(headers.get('x-rate-limit-remaining')).toBe('0')
    const date = Date.parse(headers.get('date') ?? '') / 1000
    expect(Number(headers.get('x-rate-limit-reset')) - date).toBe(20)
  },
  500: (ask) => says(ask, 500, expect.objectContaining({ errorCode: 'E0000009' })),
  503: (ask) => says(ask, 503, '<h1>', /html/),
  html: (ask) => says(ask, 200, '<h1>', /html/),
  async 'broken-json'(ask) {
    const answer = await ask()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
    await expect(answer.json()).rejects.toThrow(SyntaxError)
  },
  'wrong-shape': (ask) => says(ask, 200, { hello: 'world' }),
  async empty(ask) {
    const answer = await ask()
    expect([answer.status, await answer.text()]).toEqual([200, ''])
  },
  async huge(ask) {
    const answer = await ask()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
    let bytes = 0
    for await (const chunk of answer.body ?? []) bytes += (chunk as Uint8Array).length
    expect(bytes).toBeGreaterThan(20 * 1024 * 1024)
  },
  async redirects(ask) {
    const answer = await ask(() => ({ redirect: 'manual' }))
    expect(answer.status).toBe(302)
    expect(new URL(answer.headers.get('location') ?? '').origin).toBe(
      okta.orgUrl.replace('localhost', '127.0.0.1'),
    )
  },
}

const oktaError = (errorCode: string) => expect.objectContaining({ errorCode, errorLink: errorCode })
const oauthError = (error: string) => ({ error, error_description: expect.stringMatching(/^[A-Z].*\.$/) })
const SPECIFIC: Record<string, (ask: Ask) => Promise<unknown>> = {
  async 'discovery-other-issuer'(ask) {
    const body = (await (await ask()).json()) as Record<string, string>
    expect(body.token_endpoint).toBe(`${okta.issuer}/v1/token`)
    expect(new URL(body.issuer ?? '').origin).not.toBe(okta.orgUrl)
  },
  'discovery-feature-not-enabled': (ask) => says(ask, 401, oktaError('E0000015')),
  async 'token-invalid-client'(ask) {
    const { headers } = await says(ask, 401, expect.objectContaining({ error: 'invalid_client' }))
    expect(headers.get('www-authenticate')).toMatch(/^Basic /)
  },
  'token-invalid-grant': (ask) => says(ask, 400, expect.objectContaining({ error: 'invalid_grant' })),
  'users-token-revoked': (ask) => says(ask, 401, oktaError('E0000011')),
  'users-right-missing': (ask) => says(ask, 403, oktaError('E0000006')),
  'groups-right-missing': (ask) => says(ask, 403, oktaError('E0000006')),
  async 'groups-elsewhere'(ask) {
    const { headers } = await says(ask, 200, [])
    expect(headers.get('link')).toMatch(/^<https:\/\/elsewhere\.example\/.*>; rel="next"$/)
  },
  'credentials-invalid-client': (ask) => says(ask, 401, oauthError('invalid_client')),
  'credentials-invalid-scope': (ask) => says(ask, 400, oauthError('invalid_scope')),
  'credentials-dpop-required': (ask) => says(ask, 400, oauthError('invalid_dpop_proof')),
  'users-null': (ask) => says(ask, 200, null),
  'users-list': (ask) => says(ask, 200, []),
  async 'users-no-profile'(ask) {
    const record = await (await ask()).json()
    expect(record).toMatchObject({ id: okta.people[0]?.id, status: 'ACTIVE' })
    expect(record).not.toHaveProperty('profile')
  },
}

const DEPENDENCIES = Object.keys(ASK) as (keyof typeof okta.faults.asked)[]
const ANSWERS = DEPENDENCIES.flatMap((dependency) => [
  ...Object.entries(EVERYWHERE).map(([way, shows]) => [`${dependency}-${way}`, dependency, shows] as const),
  ...Object.entries(SPECIFIC)
    .filter(([name]) => name.startsWith(dependency))
    .map(([name, shows]) => [name, dependency, shows] as const),
])

describe('an answer', () => {
  it.each(ANSWERS)('fails with %s, and is right again without', async (name, dependency, shows) => {
    const ask = ASK[dependency] as Ask
    const before = okta.faults.asked[dependency]
    okta.faults.on(name)
    await shows(ask)
    okta.faults.off(name)
    expect((await ask()).status).toBe(200)
    expect(okta.faults.asked[dependency]).toBe(before + 2)
  })

  it('fails at the org’s own authorization server, too', async () => {
    okta.faults.on('discovery-500')
    okta.faults.on('keys-500')
    expect((await get(DISCOVERY)).status).toBe(500)
    expect((await get('/oauth2/v1/keys')).status).toBe(500)
  })

  it('fails in full where a page would have been the right answer', async () => {
    okta.faults.on('token-huge')
    const answer = await get('/oauth2/default/v1/token', { method: 'POST', headers: { Accept: 'text/html' } })
    expect((await answer.text()).length).toBeGreaterThan(20 * 1024 * 1024)
  })

  it('fails for one person only, however they are named', async () => {
    okta.faults.on('users-500', LION_O)
    okta.faults.on('token-500', LION_O)
    expect((await user(LION_O)).status).toBe(500)
    expect((await user(okta.people[0]?.id ?? '')).status).toBe(500)
    expect((await user(CHEETARA)).status).toBe(200)
    expect((await redeem(LION_O)).status).toBe(500)
    expect((await redeem(CHEETARA)).status).toBe(200)
  })

  it('fails in the way that was switched on last', async () => {
    okta.faults.on('users-500')
    okta.faults.on('users-null', LION_O)
    expect((await user(LION_O)).status).toBe(200)
    expect((await user(CHEETARA)).status).toBe(500)
    okta.faults.on('users-500')
    expect((await user(LION_O)).status).toBe(500)
  })

  it.each([
    ['the fault is switched off', (name: string) => okta.faults.off(name)],
    ['everything is switched off', () => okta.faults.clear()],
    ['the org closes', () => okta.close()],
  ])('that is held back ends when %s', async (_when, end) => {
    const before = okta
    okta = await startLocalOkta()
    okta.faults.on('users-hangs')
    okta.faults.on('keys-stalls')
    const held = expect(user(LION_O)).rejects.toThrow('fetch failed')
    const stalled = await get('/oauth2/v1/keys')
    await vi.waitFor(() => expect(okta.faults.asked.users).toBe(1))
    await end('users-hangs')
    await held
    await okta.faults.off('keys-stalls')
    await expect(stalled.text()).rejects.toThrow('terminated')
    await okta.close()
    okta = before
  })
})

describe('an app that hangs up in the middle of an answer', () => {
  it('leaves no trace in the terminal', async () => {
    const other = await startLocalOkta()
    const printed = vi.spyOn(console, 'error')
    other.faults.on('token-huge')
    const { body } = await fetch(`${other.issuer}/v1/token`, { method: 'POST' })
    for await (const _chunk of body ?? []) break
    await other.down() // when it resolves, every connection has ended
    await other.close()
    expect(printed).not.toHaveBeenCalled()
  })
})

describe('an account', () => {
  it.each([
    ['account-suspended', 'SUSPENDED', 401],
    ['account-deprovisioned', 'DEPROVISIONED', 401],
    ['account-staged', 'STAGED', 401],
    ['account-locked-out', 'LOCKED_OUT', 401],
    ['account-provisioned', 'PROVISIONED', 'code'],
    ['account-password-expired', 'PASSWORD_EXPIRED', 'code'],
    ['account-recovery', 'RECOVERY', 'code'],
    ['account-deleted', 404, 'code'], // by somebody a moment after the sign-in
    ['account-not-assigned', 'ACTIVE', 'access_denied'],
  ])('with %s is told as %s, and signing in as %s, until that is off', async (name, told, ends) => {
    const state = async (login: string) => {
      const answer = await user(login)
      const { status, errorCode } = (await answer.json()) as { status: string; errorCode: string }
      return answer.status === 404 && errorCode === 'E0000007' ? 404 : status
    }
    const outcome = async (login: string) => {
      const end = await signIn(login)
      return typeof end === 'number'
        ? end
        : (end.searchParams.get('error') ?? (end.searchParams.has('code') && 'code'))
    }
    okta.faults.on(name, LION_O)
    expect([await state(LION_O), await outcome(LION_O)]).toEqual([told, ends])
    expect([await state(CHEETARA), await outcome(CHEETARA)]).toEqual(['ACTIVE', 'code'])
    okta.faults.off(name, LION_O)
    expect([await state(LION_O), await outcome(LION_O)]).toEqual(['ACTIVE', 'code'])
    okta.faults.on(name)
    expect([await state(CHEETARA), await outcome(CHEETARA)]).toEqual([told, ends])
  })

  it('has the state that was switched on last, and in the end its own', async () => {
    const state = async () =>
      ((await (await user('slithe@thirdearth.example')).json()) as { status: string }).status
    okta.faults.on('account-staged')
    okta.faults.on('account-recovery', 'slithe@thirdearth.example')
    expect(await state()).toBe('RECOVERY')
    okta.faults.off('account-recovery', 'slithe@thirdearth.example')
    expect(await state()).toBe('STAGED')
    okta.faults.off('account-staged')
    expect(await state()).toBe('SUSPENDED')
  })

  it('has its state on the sign-in page, which leads to the faults', async () => {
    const signInPage = async () => (await new Visitor(okta.orgUrl).go(authorizeUrl())).text
    okta.faults.on('account-recovery', LION_O)
    expect(await signInPage()).toContain('Password in recovery (a fault that is on)')
    okta.faults.clear()
    expect(await signInPage()).not.toContain('a fault that is on')
    expect(await signInPage()).toContain('href="/faults"')
  })

  it('that is suspended loses its session at Okta', async () => {
    const visitor = new Visitor(okta.orgUrl)
    expect(await signIn(LION_O, visitor)).toBeInstanceOf(URL)
    okta.faults.on('account-suspended', LION_O)
    expect(await signIn(LION_O, visitor)).toBe(401)
  })
})

describe('the custom authorization server', () => {
  const ownServer = () => `${okta.orgUrl}/oauth2/v1/authorize`
  const policyFailed = 'Policy evaluation failed for this request, please check the policy configurations.'

  it('sends everybody back with authorize-policy-evaluation-failed, after they have signed in', async () => {
    okta.faults.on('authorize-policy-evaluation-failed')
    const visitor = new Visitor(okta.orgUrl)
    for (const _time of ['first', 'signed in already']) {
      const { searchParams } = (await signIn(LION_O, visitor)) as URL
      expect([searchParams.get('error'), searchParams.get('error_description')]).toEqual([
        'access_denied',
        policyFailed,
      ])
    }
    const unassigned = (await signIn('mumm-ra@thirdearth.example')) as URL
    expect(unassigned.searchParams.get('error_description')).toContain('not assigned') // Okta looks at this first
    okta.faults.clear()
    expect(((await signIn(LION_O, visitor)) as URL).searchParams.has('code')).toBe(true)
  })

  it('answers with Okta’s own page with authorize-feature-not-enabled', async () => {
    okta.faults.on('authorize-feature-not-enabled')
    const page = await new Visitor(okta.orgUrl).ask(authorizeUrl())
    expect([page.status, page.location]).toEqual([400, undefined])
    expect(page.text).toContain('The requested feature is not enabled in this environment.')
    expect(page.text).toContain('This is not Okta')
  })

  it.each([
    'authorize-policy-evaluation-failed',
    'authorize-feature-not-enabled',
    'discovery-feature-not-enabled',
  ])('is what %s concerns, not the org’s own', async (name) => {
    okta.faults.on(name)
    expect((await get(DISCOVERY)).status).toBe(200)
    const end = (await signIn(LION_O, undefined, ownServer())) as URL
    expect(end.searchParams.has('code')).toBe(true)
  })
})

describe('the clock', () => {
  it.each([
    ['clock-30s-ahead', 30],
    ['clock-30s-behind', -30],
    ['clock-5min-ahead', 300],
    ['clock-5min-behind', -300],
    ['clock-1h-ahead', 3600],
    ['clock-1h-behind', -3600],
  ])('%s moves the Date header and the times of ID tokens', async (name, seconds) => {
    const off = async () => {
      const answer = await redeem(LION_O)
      const { id_token } = (await answer.json()) as { id_token: string }
      const keys = createLocalJWKSet(await keySet())
      const now = Date.now() / 1000
      const { payload } = await jwtVerify(id_token, keys, { currentDate: new Date((now + seconds) * 1000) })
      const times = [payload.iat, Number(payload.exp) - 3600, payload.auth_time as number]
      return [...times, Date.parse(answer.headers.get('date') ?? '') / 1000].map((time) => Number(time) - now)
    }
    okta.faults.on(name)
    for (const difference of await off()) expect(Math.abs(difference - seconds)).toBeLessThan(5)
    expect(
      Math.abs(Date.parse((await user('me')).headers.get('date') ?? '') - Date.now() - seconds * 1000),
    ).toBeLessThan(5000)
    okta.faults.off(name)
    expect(Math.abs(Date.parse((await user('me')).headers.get('date') ?? '') - Date.now())).toBeLessThan(5000)
  })
})

describe('keys-rotated', () => {
  it('happens at once, and is not on afterwards', async () => {
    const kid = async () => (await keySet()).keys[0]?.kid
    const before = await kid()
    await okta.faults.on('keys-rotated')
    expect(await kid()).toBe(okta.signingKey.kid)
    expect(await kid()).not.toBe(before)
    expect(okta.faults.active()).toEqual([])
  })
})

describe('the whole org', () => {
  it('goes down with every connection, and comes up on the same port', async () => {
    okta.faults.on('users-hangs')
    const held = expect(user(LION_O)).rejects.toThrow('fetch failed')
    await vi.waitFor(() => expect(okta.faults.asked.users).toBeGreaterThan(0))
    await okta.down()
    await held
    await expect(get('/')).rejects.toThrow('fetch failed')
    await okta.up()
    expect((await get('/')).status).toBe(200)
  })

  it('stays closed once it is closed', async () => {
    const other = await startLocalOkta()
    await other.faults.on('org-down')
    await other.close()
    await other.faults.clear()
    await expect(fetch(other.orgUrl)).rejects.toThrow('fetch failed')
  })

  it('comes back by itself 20 seconds after org-down', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const down = okta.faults.on('org-down')
    expect(okta.faults.active()).toEqual([{ name: 'org-down', person: null }])
    vi.advanceTimersByTime(1000)
    await down
    vi.advanceTimersByTime(18_900)
    await new Promise(setImmediate)
    await expect(get('/')).rejects.toThrow('fetch failed')
    vi.advanceTimersByTime(100)
    vi.useRealTimers()
    await vi.waitFor(async () => expect((await get('/')).status).toBe(200))
    expect(okta.faults.active()).toEqual([])
  })
})

describe('the list', () => {
  it('has every fault once, in plain words', () => {
    const names = okta.faults.list.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(expect.arrayContaining(ANSWERS.map(([name]) => name)))
    const met = names.filter((name) => !name.startsWith('management-')) // the app does not meet the others
    expect(met).toHaveLength(ANSWERS.length + 10 + 2 + 6 + 3) // accounts, authorize, clocks; keys-rotated, token-refused, org-down
    for (const { label } of okta.faults.list) expect(label).toMatch(/^[A-Z].*[^.]$/)
  })

  it('refuses what it does not know', () => {
    for (const act of [okta.faults.on, okta.faults.off]) {
      expect(() => act('users-explodes')).toThrow(RangeError)
      expect(() => act('users-500', 'snarf@thundera.example')).toThrow(RangeError)
      expect(() => act('keys-500', LION_O)).toThrow(RangeError)
    }
    expect(okta.faults.active()).toEqual([])
  })
})
