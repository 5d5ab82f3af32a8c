import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { type Ask, management, webApp } from '../support/management.js'
import { Visitor } from '../support/visitor.js'

let okta: LocalOkta
let ask: Ask
beforeAll(async () => {
  okta = await startLocalOkta({ empty: true })
  ask = management(okta)
})
afterAll(() => okta.close())

const ID = /^0oa[0-9A-Za-z]{17}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
let made = 0
const create = async (changes: object = {}) => {
  const { status, body } = await ask('POST', '/apps', { ...webApp(`App ${++made}`), ...changes })
  expect(status).toBe(200)
  return body
}
/** A web app in which the settings of the client, or its credentials, differ. */
const withClient = (client: object, credentials: object = {}) => {
  const app = webApp(`App ${++made}`)
  Object.assign(app.settings.oauthClient, client)
  Object.assign(app.credentials.oauthClient, credentials)
  return app
}
const refusal = (status: number, errorCode: string) => ({
  status,
  body: expect.objectContaining({ errorCode, errorLink: errorCode, errorId: expect.stringMatching(/^oae/) }),
})

describe('an org that starts empty', () => {
  it('has no app, no group but Everyone, no policy, and people as usual', async () => {
    const fresh = await startLocalOkta({ empty: true })
    const ask = management(fresh)
    expect([fresh.clientId, fresh.clientSecret]).toEqual(['', ''])
    expect((await ask('GET', '/apps')).body).toEqual([])
    const { body: groups } = await ask('GET', '/groups')
    expect(groups).toEqual([
      expect.objectContaining({
        type: 'BUILT_IN',
        profile: expect.objectContaining({ name: 'Everyone' }),
        objectClass: ['okta:user_group'],
      }),
    ])
    expect((await ask('GET', '/authorizationServers/default/policies')).body).toEqual([])
    expect((await ask('GET', '/users')).body).toHaveLength(4)
    fresh.register('http://localhost:3000') // there is nothing to register
    await fresh.close()
  })

  it('is ready for the app otherwise', async () => {
    const ready = await startLocalOkta()
    const ask = management(ready)
    ready.register('http://localhost:4000')
    const { body: apps } = await ask('GET', '/apps')
    expect(apps).toHaveLength(1)
    expect(apps[0].id).toBe(ready.clientId)
    expect(apps[0].settings.oauthClient.redirect_uris).toEqual(['http://localhost:4000/callback'])
    const { body: groups } = await ask('GET', `/apps/${ready.clientId}/groups`)
    const { body: everyone } = await ask('GET', `/groups/${groups[0].id}`)
    expect(everyone.profile.name).toBe('Everyone')
    const { body: secrets } = await ask('GET', `/apps/${ready.clientId}/credentials/secrets`)
    expect(secrets[0].client_secret).toBe(ready.clientSecret)
    await ready.close()
  })
})

describe('every call', () => {
  it.each([
    ['GET', '/apps'],
    ['POST', '/apps'],
    ['GET', '/users/me'],
    ['GET', '/authorizationServers/default/policies'],
    ['GET', '/oauth2/v1/clients/x/roles'],
  ])('needs the API token: %s %s', async (method, path) => {
    for (const authorization of ['SSWS wrong', 'Bearer wrong', `Bearer ${okta.apiToken}`, 'x'])
      expect(await management(okta, authorization)(method, path)).toMatchObject(refusal(401, 'E0000011'))
  })

  it('tells the rate limit and a request id', async () => {
    const [first, second] = [await ask('GET', '/apps'), await ask('GET', '/groups')]
    expect(first.headers.get('x-okta-request-id')).toMatch(/^[\w-]{16}$/)
    expect(first.headers.get('x-rate-limit-limit')).toBe('600')
    expect(first.headers.get('x-rate-limit-reset')).toMatch(/^\d{10}$/)
    const remaining = (answer: typeof first) => Number(answer.headers.get('x-rate-limit-remaining'))
    expect(remaining(second)).toBe(remaining(first) - 1)
  })

  it.each([
    ['PATCH', '/apps'],
    ['GET', '/apps/x/lifecycle/activate'],
    ['POST', '/users'],
    ['GET', '/meta/schemas'],
  ])('of an endpoint that there is not is refused: %s %s', async (method, path) => {
    expect(await ask(method, path)).toMatchObject(refusal(404, 'E0000022'))
  })

  it.each(['{', '[]', '"x"', '', undefined])('with the body %j is refused', async (body) => {
    expect(await ask('POST', '/apps', body)).toMatchObject(refusal(400, 'E0000003'))
  })

  it.each([
    ['GET', '/apps/0oax', 'AppInstance'],
    ['PUT', '/apps/0oax', 'AppInstance'],
    ['DELETE', '/apps/0oax', 'AppInstance'],
    ['POST', '/apps/0oax/lifecycle/activate', 'AppInstance'],
    ['GET', '/apps/0oax/credentials/secrets', 'AppInstance'],
    ['GET', '/apps/0oax/groups', 'AppInstance'],
    ['GET', '/apps/0oax/users', 'AppInstance'],
    ['GET', '/apps/0oax/grants', 'AppInstance'],
    ['GET', '/oauth2/v1/clients/0oax/roles', 'PublicClientApp'],
    ['GET', '/groups/00gx', 'UserGroup'],
    ['GET', '/users/00ux', 'User'],
    ['GET', '/users/00ux/groups', 'User'],
    ['POST', '/users/00ux/lifecycle/suspend', 'User'],
    ['DELETE', '/users/00ux/sessions', 'User'],
    ['GET', '/authorizationServers/ausx', 'AuthorizationServer'],
    ['GET', '/authorizationServers/ausx/policies', 'AuthorizationServer'],
    ['GET', '/authorizationServers/default/policies/00px', 'Policy'],
  ])('says what it has not found: %s %s', async (method, path, type) => {
    const answer = await ask(method, path, method === 'GET' ? undefined : {})
    expect(answer).toMatchObject(refusal(404, 'E0000007'))
    expect(answer.body.errorSummary).toMatch(
      new RegExp(`^Not found: Resource not found: \\w+ \\(${type}\\)$`),
    )
  })
})

describe('POST /apps', () => {
  it('answers with the app as Okta completes it, and with the secret', async () => {
    const body = await create({ label: 'New' })
    expect(body).toMatchObject({
      id: expect.stringMatching(ID),
      name: 'oidc_client',
      label: 'New',
      status: 'ACTIVE',
      created: expect.stringMatching(TIME),
      lastUpdated: expect.stringMatching(TIME),
      signOnMode: 'OPENID_CONNECT',
      credentials: {
        oauthClient: {
          client_id: body.id,
          client_secret: expect.stringMatching(/^[\w-]{64}$/),
          token_endpoint_auth_method: 'client_secret_basic',
          autoKeyRotation: true,
          pkce_required: true,
        },
      },
      settings: {
        oauthClient: {
          ...webApp('').settings.oauthClient,
          consent_method: 'TRUSTED',
          idp_initiated_login: { mode: 'DISABLED' },
        },
      },
      _links: { deactivate: { href: `${okta.orgUrl}/api/v1/apps/${body.id}/lifecycle/deactivate` } },
    })
  })

  it('keeps what Okta’s model may not know, and takes a client id and a secret', async () => {
    const client = { initiate_login_uri: 'http://localhost:3000/login', something_new: [1] }
    const own = { client_id: `my-client-${++made}`, client_secret: 'a-secret-of-my-own' }
    const { id } = await create(withClient(client, own))
    const { body } = await ask('GET', `/apps/${id}`)
    expect(body.settings.oauthClient).toMatchObject(client)
    expect(body.credentials.oauthClient.client_id).toBe(own.client_id)
    const secrets = await ask('GET', `/apps/${id}/credentials/secrets`)
    expect(secrets.body[0].client_secret).toBe(own.client_secret)
  })

  it('leaves it inactive with activate=false', async () => {
    const { body } = await ask('POST', '/apps?activate=false', webApp('Not yet'))
    expect(body.status).toBe('INACTIVE')
  })

  it.each<[what: string, field: string, app: object]>([
    ['no name', 'name', { ...webApp('x'), name: undefined }],
    ['an app of the catalogue', 'name', { ...webApp('x'), name: 'bookmark' }],
    ['no label', 'label', { ...webApp('x'), label: ' ' }],
    ['a label that is too long', 'label', webApp('x'.repeat(101))],
    ['SAML', 'signOnMode', { ...webApp('x'), signOnMode: 'SAML_2_0' }],
    ['no settings', 'settings.oauthClient', { ...webApp('x'), settings: {} }],
    ['no type', 'application_type', withClient({ application_type: 'site' })],
    ['no redirect URI', 'redirect_uris', withClient({ redirect_uris: [] })],
    ['a redirect URI without a scheme', 'redirect_uris', withClient({ redirect_uris: ['/callback'] })],
    [
      'a redirect URI with a fragment',
      'redirect_uris',
      withClient({ redirect_uris: ['https://a.example/#b'] }),
    ],
    ['a redirect URI with a star', 'redirect_uris', withClient({ redirect_uris: ['https://*.example/'] })],
    ['a redirect URI that is no text', 'redirect_uris', withClient({ redirect_uris: [1] })],
    ['a wrong sign-out URI', 'post_logout_redirect_uris', withClient({ post_logout_redirect_uris: ['x'] })],
    ['a wrong login URI', 'initiate_login_uri', withClient({ initiate_login_uri: 'login' })],
    ['a wrong login mode', 'idp_initiated_login.mode', withClient({ idp_initiated_login: { mode: 'x' } })],
    ['no grant type', 'grant_types', withClient({ grant_types: null })],
    ['an unknown grant type', 'grant_types', withClient({ grant_types: ['client-credentials'] })],
    ['no response type', 'response_types', withClient({ response_types: [] })],
    [
      'an unknown way to authenticate',
      'token_endpoint_auth_method',
      withClient({}, { token_endpoint_auth_method: 'x' }),
    ],
    [
      'neither secret nor PKCE',
      'pkce_required',
      withClient({}, { token_endpoint_auth_method: 'none', pkce_required: false }),
    ],
    ['no key', 'jwks', withClient({}, { token_endpoint_auth_method: 'private_key_jwt' })],
    [
      'a private key',
      'jwks',
      withClient({ jwks: { keys: [{ kty: 'RSA', kid: 'k', n: 'n', e: 'e', d: 'd' }] } }),
    ],
    ['a key without kid', 'jwks', withClient({ jwks: { keys: [{ kty: 'RSA', n: 'n', e: 'e' }] } })],
    ['a service app for people', 'grant_types', withClient({ application_type: 'service' })],
  ])('refuses %s', async (_what, field, app) => {
    const before = (await ask('GET', '/apps')).body.length
    const answer = await ask('POST', '/apps', app)
    expect(answer).toMatchObject(refusal(400, 'E0000001'))
    expect(answer.body.errorSummary).toBe(`Api validation failed: ${field}`)
    expect(answer.body.errorCauses).toEqual([
      { errorSummary: expect.stringMatching(new RegExp(`^${field.replaceAll('.', '\\.')}: `)) },
    ])
    expect((await ask('GET', '/apps')).body).toHaveLength(before)
  })
})

describe('GET /apps', () => {
  beforeAll(async () => {
    for (const label of ['Tower', 'tower of omens', 'The Tower']) await create({ label })
  })
  const labels = async (query: string) =>
    (await ask('GET', `/apps?${query}`)).body.map(({ label }: { label: string }) => label)

  it('finds what starts with q, in either case, and not what only contains it', async () => {
    expect(await labels('q=Tower')).toEqual(['Tower', 'tower of omens'])
  })

  it('hides secrets, in the list and in one app', async () => {
    const { body } = await ask('GET', '/apps?q=Tower')
    expect(JSON.stringify(body)).not.toContain('client_secret"')
    expect(JSON.stringify((await ask('GET', `/apps/${body[0].id}`)).body)).not.toContain('client_secret"')
  })

  it('filters, and refuses filters that it does not know', async () => {
    const { body } = await ask('GET', '/apps?q=Tower')
    expect(await labels(`filter=${encodeURIComponent(`id eq "${body[1].id}"`)}`)).toEqual(['tower of omens'])
    const inactive = encodeURIComponent('status eq "INACTIVE"')
    expect(await labels(`q=Tower&filter=${inactive}`)).toEqual([])
    expect(await ask('GET', '/apps?filter=label+sw+x')).toMatchObject(refusal(400, 'E0000031'))
  })

  it('comes in pages', async () => {
    const first = await ask('GET', '/apps?q=tower&limit=1')
    expect(first.body).toHaveLength(1)
    const links = first.headers.get('link') ?? ''
    const next = /<([^>]+)>; rel="next"/.exec(links)?.[1] ?? ''
    expect(links).toContain('rel="self"')
    const second = await ask('GET', next.replace(`${okta.orgUrl}/api/v1`, ''))
    expect(second.body[0].label).toBe('tower of omens')
    expect(second.headers.get('link')).not.toContain('rel="next"')
    for (const query of ['limit=0', 'limit=x', 'after=x'])
      expect(await ask('GET', `/apps?${query}`)).toMatchObject(refusal(400, 'E0000001'))
  })
})

describe('PUT /apps/{id}', () => {
  it('replaces the whole app: what is left out is gone, but not its secret, its status and its groups', async () => {
    const before = await create(withClient({ initiate_login_uri: 'http://localhost:3000/login' }))
    const { id } = before
    const { body: groups } = await ask('GET', '/groups')
    await ask('PUT', `/apps/${id}/groups/${groups[0].id}`)
    const sent = webApp('Replaced', 'http://localhost:4000')
    const { post_logout_redirect_uris: _left, ...client } = sent.settings.oauthClient
    const { status, body } = await ask('PUT', `/apps/${id}`, { ...sent, settings: { oauthClient: client } })
    expect(status).toBe(200)
    expect(body.label).toBe('Replaced')
    expect(body.settings.oauthClient).not.toHaveProperty('initiate_login_uri')
    expect(body.settings.oauthClient).not.toHaveProperty('post_logout_redirect_uris')
    expect(body.settings.oauthClient.redirect_uris).toEqual(['http://localhost:4000/callback'])
    expect(body.credentials.oauthClient.client_secret).toBe(before.credentials.oauthClient.client_secret)
    expect([body.id, body.status, body.created]).toEqual([id, 'ACTIVE', before.created])
    expect((await ask('GET', `/apps/${id}/groups`)).body).toHaveLength(1)
    expect((await ask('GET', `/apps/${id}`)).body.label).toBe('Replaced')
  })

  it('refuses what POST refuses, and changes nothing', async () => {
    const { id, label } = await create()
    const answer = await ask('PUT', `/apps/${id}`, { label: 'Half an app' })
    expect(answer).toMatchObject(refusal(400, 'E0000001'))
    expect((await ask('GET', `/apps/${id}`)).body.label).toBe(label)
  })
})

describe('DELETE /apps/{id}', () => {
  it('needs an app that is not active', async () => {
    const { id } = await create()
    expect(await ask('DELETE', `/apps/${id}`)).toMatchObject(refusal(403, 'E0000056'))
    expect(await ask('POST', `/apps/${id}/lifecycle/deactivate`)).toMatchObject({ status: 200, body: {} })
    expect((await ask('GET', `/apps/${id}`)).body.status).toBe('INACTIVE')
    expect(await ask('DELETE', `/apps/${id}`)).toMatchObject({ status: 204, body: undefined })
    expect(await ask('GET', `/apps/${id}`)).toMatchObject(refusal(404, 'E0000007'))
  })
})

describe('the groups of an app', () => {
  let app: string
  let everyone: string
  beforeEach(async () => {
    app = (await create()).id
    everyone = (await ask('GET', '/groups?q=every')).body[0].id
  })

  it('are assigned, read and taken away again', async () => {
    const path = `/apps/${app}/groups/${everyone}`
    expect(await ask('GET', path)).toMatchObject(refusal(404, 'E0000007'))
    expect((await ask('GET', `/apps/${app}/users`)).body).toEqual([])
    const record = { id: everyone, priority: 0, profile: {}, lastUpdated: expect.stringMatching(TIME) }
    expect(await ask('PUT', path)).toMatchObject({ status: 200, body: record })
    expect(await ask('PUT', path, { priority: 0 })).toMatchObject({ status: 200, body: record })
    expect(await ask('GET', path)).toMatchObject({ status: 200, body: record })
    expect((await ask('GET', `/apps/${app}/groups`)).body).toEqual([expect.objectContaining(record)])
    const { body: users } = await ask('GET', `/apps/${app}/users`)
    expect(users[0]).toMatchObject({ id: okta.people[0]?.id, scope: 'GROUP', status: 'ACTIVE' })
    expect(users.map(({ id }: { id: string }) => id)).not.toContain(okta.people[2]?.id) // Mumm-Ra
    expect((await ask('DELETE', path)).status).toBe(204)
    expect(await ask('DELETE', path)).toMatchObject(refusal(404, 'E0000007'))
    expect((await ask('GET', `/apps/${app}/groups`)).body).toEqual([])
  })

  it('must be groups of the org', async () => {
    expect(await ask('PUT', `/apps/${app}/groups/00gx`)).toMatchObject(refusal(404, 'E0000007'))
  })
})

describe('an app that asks for PKCE', () => {
  it.each([true, false])('(%s) gets no code without it', async (pkce_required) => {
    const { id } = await create(withClient({}, { pkce_required }))
    const query = new URLSearchParams({
      client_id: id,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://localhost:3000/callback',
      state: 'state',
    })
    const page = await new Visitor(okta.orgUrl).ask(`${okta.issuer}/v1/authorize?${query}`)
    expect(page.location?.includes('error=invalid_request')).toBe(pkce_required)
  })
})
