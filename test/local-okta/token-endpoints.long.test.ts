import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { APP, endpointsOf, json, LION_O, post, secretOf, tokensFor } from '../support/okta-client.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
  okta.register(APP)
})
afterEach(() => okta.faults.clear())
afterAll(() => okta.close())

const SERVERS = ['custom', 'org'] as const
type Server = (typeof SERVERS)[number]
const EVERYTHING = 'openid profile email groups offline_access'

const tokensAt = (server: Server, scope?: string) => tokensFor(okta, scope, endpointsOf(okta)[server])
const call = (server: Server, path: string, form: Record<string, string>) =>
  post(`${endpointsOf(okta)[server]}/${path}`, { ...secretOf(okta), ...form })
const introspect = async (server: Server, token: string) => json(await call(server, 'introspect', { token }))
const refresh = async (server: Server, refresh_token: string, form = {}) =>
  call(server, 'token', { grant_type: 'refresh_token', refresh_token, ...form })
const userinfo = (server: Server, token: string) =>
  fetch(`${endpointsOf(okta)[server]}/userinfo`, { headers: { Authorization: `Bearer ${token}` } })
const lionO = () => okta.people[0]

describe.each(SERVERS)('/v1/introspect of the %s server', (server) => {
  it('tells about each kind of token', async () => {
    const tokens = await tokensAt(server, EVERYTHING)
    const common = { active: true, client_id: okta.clientId, username: LION_O, exp: expect.any(Number) }
    expect(await introspect(server, tokens.access_token)).toEqual({
      ...common,
      token_type: 'Bearer',
      scope: tokens.scope,
      sub: LION_O,
      iat: expect.any(Number),
      iss: server === 'custom' ? okta.issuer : okta.orgUrl,
      aud: server === 'custom' ? 'api://default' : okta.orgUrl,
      jti: expect.stringMatching(/^AT\./),
      uid: lionO()?.id,
    })
    expect(await introspect(server, String(tokens.refresh_token))).toEqual({
      ...common,
      token_type: 'Bearer',
      scope: tokens.scope,
      sub: LION_O,
    })
    expect(await introspect(server, tokens.id_token)).toMatchObject({ ...common, sub: lionO()?.id })
  })

  it('says of everything else only that it is not active', async () => {
    for (const token of ['made-up', 'a.b.c', `${(await tokensAt(server)).id_token}x`])
      expect(await introspect(server, token)).toEqual({ active: false })
  })
})

describe.each(SERVERS)('/v1/revoke of the %s server', (server) => {
  it('ends an access token, and the refresh token stays', async () => {
    const { access_token, refresh_token = '' } = await tokensAt(server, EVERYTHING)
    expect((await call(server, 'revoke', { token: access_token })).status).toBe(200)
    expect(await introspect(server, access_token)).toEqual({ active: false })
    expect((await userinfo(server, access_token)).status).toBe(401)
    expect((await refresh(server, refresh_token)).status).toBe(200)
  })

  it('ends a refresh token and the access tokens that came with it', async () => {
    const { access_token, refresh_token = '' } = await tokensAt(server, EVERYTHING)
    expect((await call(server, 'revoke', { token: refresh_token })).status).toBe(200)
    expect((await refresh(server, refresh_token)).status).toBe(400)
    expect(await introspect(server, access_token)).toEqual({ active: false })
  })

  it('says 200 of a token that it does not know', async () => {
    expect((await call(server, 'revoke', { token: 'made-up' })).status).toBe(200)
  })
})

describe.each(['introspect', 'revoke'])('/v1/%s', (path) => {
  const basic = (id: string, secret: string) => ({
    Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  })
  const ask = (form: Record<string, string>, headers = {}) =>
    post(`${okta.issuer}/v1/${path}`, { token: 'x', ...form }, headers)

  it('takes the secret with HTTP Basic and in the form', async () => {
    expect((await ask({}, basic(okta.clientId, okta.clientSecret))).status).toBe(200)
    expect((await ask(secretOf(okta))).status).toBe(200)
  })

  it('refuses an unknown client, a wrong secret and no secret', async () => {
    const { clientId } = okta
    for (const answer of [
      await ask({}),
      await ask({ client_id: clientId }),
      await ask({ client_id: clientId, client_secret: 'wrong' }),
      await ask({ client_id: 'unknown', client_secret: okta.clientSecret }),
      await ask({}, basic(clientId, 'wrong')),
      await ask({}, basic(clientId, '%')),
      await ask({}, { Authorization: 'Basic %' }),
    ])
      expect([answer.status, (await json(answer)).error]).toEqual([401, 'invalid_client'])
  })

  it('needs a token', async () => {
    expect((await ask({ ...secretOf(okta), token: '' })).status).toBe(400)
  })
})
