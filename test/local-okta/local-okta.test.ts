import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { Visitor } from '../support/visitor.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
  okta.register('http://localhost:3000')
})
afterAll(() => okta.close())

describe('discovery', () => {
  it('tells Okta’s own paths, for the custom server and for the org', async () => {
    for (const [issuer, endpoints] of [
      [okta.issuer, `${okta.issuer}/v1`],
      [okta.orgUrl, `${okta.orgUrl}/oauth2/v1`],
    ] as const) {
      const { pathname } = new URL(`${issuer}/.well-known/openid-configuration`)
      const { body } = await request(okta.orgUrl).get(pathname).expect(200)
      expect(body).toMatchObject({
        issuer,
        authorization_endpoint: `${endpoints}/authorize`,
        token_endpoint: `${endpoints}/token`,
        jwks_uri: `${endpoints}/keys`,
        userinfo_endpoint: `${endpoints}/userinfo`,
        end_session_endpoint: `${endpoints}/logout`,
        id_token_signing_alg_values_supported: ['RS256'],
      })
    }
  })
})

describe('GET /.well-known/okta-organization', () => {
  it('tells everybody the org’s id', async () => {
    const { body } = await request(okta.orgUrl).get('/.well-known/okta-organization').expect(200)
    expect(body).toMatchObject({ id: expect.stringMatching(/^00o\w{17}$/), pipeline: 'idx' })
  })
})

describe('GET /api/v1/users', () => {
  it('lists the users that the org knows, for the owner of an API token', async () => {
    const users = request(okta.orgUrl).get('/api/v1/users?limit=2')
    const { body } = await users.set('Authorization', `SSWS ${okta.apiToken}`).expect(200)
    expect(body.map(({ id }: { id: string }) => id)).toEqual(okta.people.slice(0, 2).map(({ id }) => id))
    await request(okta.orgUrl).get('/api/v1/users?limit=2').expect(401)
  })
})

describe('GET /api/v1/users/{id or login}', () => {
  const ask = (path: string, token = okta.apiToken) =>
    request(okta.orgUrl).get(`/api/v1/users/${path}`).set('Authorization', `SSWS ${token}`)

  it('finds a person by id and by login, in Okta’s shape', async () => {
    const [person] = okta.people
    for (const key of [person?.id ?? '', 'lion-o@thundera.example']) {
      const { body, headers } = await ask(key).expect(200)
      expect(body).toMatchObject({
        id: person?.id,
        status: 'ACTIVE',
        profile: { firstName: 'Lion-O', login: 'lion-o@thundera.example', mobilePhone: null },
        credentials: { provider: { type: 'OKTA' } },
        _links: { self: { href: `${okta.orgUrl}/api/v1/users/${person?.id}` } },
      })
      expect(headers).toMatchObject({
        'x-rate-limit-limit': '600',
        'x-rate-limit-remaining': expect.stringMatching(/^\d+$/),
        'x-rate-limit-reset': expect.stringMatching(/^\d{10}$/),
      })
    }
  })

  it('answers a wrong token with 401 E0000011', async () => {
    const { body } = await ask('me', 'wrong').expect(401)
    expect(body).toMatchObject({
      errorCode: 'E0000011',
      errorSummary: 'Invalid token provided',
      errorCauses: [],
    })
  })

  it('answers for an unknown person with 404 E0000007', async () => {
    for (const key of ['00u-nobody', 'jaga@thundera.example']) {
      const { body } = await ask(key).expect(404)
      expect(body.errorCode).toBe('E0000007')
    }
  })
})

describe('the authorize endpoint', () => {
  it('refuses an unregistered redirect URI with a 400 page and no redirect', async () => {
    const query = new URLSearchParams({
      client_id: okta.clientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://evil.example/callback',
    })
    const page = await new Visitor(okta.orgUrl).ask(`${okta.issuer}/v1/authorize?${query}`)
    expect(page.status).toBe(400)
    expect(page.text).toContain('This is not Okta')
    expect(page.text).not.toContain('evil.example')
  })
})

describe('the cookies of a sign-in', () => {
  it('have no end: a browser would compare it with a clock that may be wrong', async () => {
    const query = new URLSearchParams({
      client_id: okta.clientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://localhost:3000/callback',
      state: 'state',
    })
    const visitor = new Visitor(okta.orgUrl)
    const step = await visitor.ask(`${okta.issuer}/v1/authorize?${query}`)
    const form = { person: 'lion-o@thundera.example' }
    const picked = await visitor.ask(step.location ?? '', { method: 'post', form })
    const end = await visitor.ask(picked.location ?? '')
    expect(end.location).toMatch(/^http:\/\/localhost:3000\/callback\?code=/)
    const cookies = [step, picked, end].flatMap(({ setCookies }) => setCookies)
    const kept = cookies.filter((cookie) => !cookie.includes('1970'))
    for (const name of ['local-okta-step', 'local-okta-resume', 'local-okta-sid'])
      expect(kept).toContainEqual(expect.stringMatching(`^${name}=`))
    for (const cookie of kept) expect(cookie).not.toMatch(/expires|max-age/i)
    expect(cookies).toContainEqual(expect.stringMatching(/^local-okta-resume=;.*1970/)) // this step is over
  })
})

describe('the sign-out endpoint', () => {
  it.each([
    ['without id_token_hint', ''],
    ['with a made-up id_token_hint', 'a.b.c'],
  ])('answers 400 %s', async (_what, hint) => {
    const query = new URLSearchParams({
      post_logout_redirect_uri: 'http://localhost:3000/',
      id_token_hint: hint,
    })
    const page = await new Visitor(okta.orgUrl).ask(`${okta.issuer}/v1/logout?${query}`)
    expect(page.status).toBe(400)
  })
})

describe('a refusal', () => {
  let developed: LocalOkta
  beforeAll(async () => {
    vi.stubEnv('NODE_ENV', 'development') // with NODE_ENV=test Express prints no errors
    developed = await startLocalOkta()
  })
  afterAll(() => developed.close())

  const TYPE = 'application/x-www-form-urlencoded'
  const form = (body: string, headers = {}) => ({
    method: 'POST',
    body,
    headers: { 'Content-Type': TYPE, ...headers },
  })
  const REFUSED: [what: string, status: number, path: string, init?: RequestInit][] = [
    ['a path that cannot be decoded', 400, '/signin/default/%E0%A4%A'],
    ['a user id that cannot be decoded', 400, '/api/v1/users/%E0%A4%A'],
    ['a form that is too large', 413, '/signin/default/x', form('x'.repeat(200_000))],
    [
      'a form in a charset of no kind',
      415,
      '/signin/org/x',
      form('x', { 'Content-Type': `${TYPE}; charset=none` }),
    ],
    ['a sign-in that nobody began', 400, '/signin/default/x', form('person=x')],
    ['an unknown client', 400, '/oauth2/default/v1/authorize?client_id=x'],
    ['a client without its secret', 401, '/oauth2/v1/token', form('client_id=x&client_secret=y')],
    [
      'a switch from another site',
      403,
      '/faults',
      form('switch=off', { Origin: 'http://elsewhere.example' }),
    ],
    ['a switch of no fault', 400, '/faults', form('switch=on')],
  ]

  it.each(REFUSED)('of %s is a %i and leaves no trace in the terminal', async (_what, status, path, init) => {
    const printed = (['error', 'warn', 'info', 'log'] as const).map((name) => vi.spyOn(console, name))
    const answer = await fetch(developed.orgUrl + path, init)
    expect(answer.status).toBe(status)
    expect(await answer.text()).not.toContain('node_modules')
    for (const spy of printed) expect(spy).not.toHaveBeenCalled()
  })
})

describe('the local Okta', () => {
  it('says on its pages that it is not Okta', async () => {
    const { text } = await request(okta.orgUrl).get('/').expect(200)
    expect(text).toContain('This is not Okta')
    expect(text).toContain('It does not imitate')
  })

  it('does not start in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    await expect(startLocalOkta()).rejects.toThrow('production')
  })
})
