import { describe, expect, it } from 'vitest'
import type { AppConfig } from '../../src/config.js'
import { loadConfig } from '../../src/config.js'
import type { AuthorizationServer } from '../../src/okta/authorization-server.js'
import { OktaFailure } from '../../src/okta/failure.js'
import { createOpenIdConnect, returnToOf } from '../../src/sign-in/openid-connect.js'

const ISSUER = 'https://dev-123456.okta.com/oauth2/default'
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/v1/authorize`,
  token_endpoint: `${ISSUER}/v1/token`,
  jwks_uri: `${ISSUER}/v1/keys`,
  end_session_endpoint: `${ISSUER}/v1/logout`,
  id_token_signing_alg_values_supported: ['RS256'],
  response_types_supported: ['code'],
}
const CONFIG: AppConfig = {
  ...loadConfig({
    OKTA_ORG_URL: 'https://dev-123456.okta.com',
    OKTA_CLIENT_ID: 'client',
    OKTA_CLIENT_SECRET: 'secret',
    OKTA_AUTH_TOKEN: 'token',
    SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough',
  }),
  baseUrl: 'http://localhost:3000',
}

/** An authorization server with this metadata, whose token endpoint answers so. */
function withServer(metadata: object, requestTokens = async () => Response.json({ error: 'invalid_grant' })) {
  const server: Partial<AuthorizationServer> = {
    discoveryUrl: `${ISSUER}/.well-known/openid-configuration`,
    metadata: async () => ({ ...METADATA, ...metadata }),
    requestTokens,
  }
  return createOpenIdConnect(CONFIG, server as AuthorizationServer)
}

describe('begin', () => {
  it('gives the address at Okta, its state, and what the browser must bring back', async () => {
    const { location, state, transaction } = await withServer({}).begin({
      returnTo: '/lair?a=1',
      fresh: false,
    })
    expect(location).toMatch(`${ISSUER}/v1/authorize?`)
    expect(new URL(location).searchParams.get('state')).toBe(state)
    expect(returnToOf(state)).toBe('/lair?a=1')
    expect(transaction).toContain(state)
  })

  it.each([
    ['an authorization endpoint without https', { authorization_endpoint: 'http://localhost/authorize' }],
    ['no authorization endpoint', { authorization_endpoint: undefined }],
    ['another issuer', { issuer: 'https://other.example' }],
  ])('rejects, and never hangs, when the library fails over %s', async (_what, metadata) => {
    await expect(withServer(metadata).begin({ returnTo: '/lair', fresh: false })).rejects.toThrow()
  })
})

describe('finish', () => {
  it('rejects with the failure of Okta that the library does not hand on', async () => {
    const failure = new OktaFailure('timeout', 'Okta did not answer in time')
    const openIdConnect = withServer({}, async () => {
      throw failure
    })
    const { state, transaction } = await openIdConnect.begin({ returnTo: '/lair', fresh: false })
    const query = `?code=abc&state=${state}`
    await expect(openIdConnect.finish(query, transaction)).rejects.toBe(failure)
  })

  it('rejects a transaction that the library has not signed, without asking Okta', async () => {
    const asked: string[] = []
    const openIdConnect = withServer({}, async () => {
      asked.push('token')
      return Response.json({})
    })
    const { state, transaction } = await openIdConnect.begin({ returnTo: '/lair', fresh: false })
    const query = `?code=abc&state=${state}`
    await expect(openIdConnect.finish(query, transaction.replace(/.$/, '!'))).rejects.toThrow(
      'cookie not found',
    )
    expect(asked).toEqual([])
  })
})

describe('endAtOkta', () => {
  it('gives the address of Okta’s sign-out with the ID token as a hint', async () => {
    const url = new URL(await withServer({}).endAtOkta('header.payload.signature'))
    expect(url.origin + url.pathname).toBe(METADATA.end_session_endpoint)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      id_token_hint: 'header.payload.signature',
      post_logout_redirect_uri: 'http://localhost:3000/',
      client_id: 'client',
    })
  })

  it('rejects when Okta has no sign-out', async () => {
    await expect(withServer({ end_session_endpoint: undefined }).endAtOkta('a.b.c')).rejects.toThrow()
  })
})
