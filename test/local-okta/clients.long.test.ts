/** Clients that are not ours, at the local Okta: from the sign-in to the sign-out, and each of their calls. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import JwtVerifier from '@okta/jwt-verifier'
import * as client from 'openid-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { oktaApp, passportApp } from '../support/client-apps.js'
import {
  APP,
  authorizeUrl,
  endpointsOf,
  json,
  LION_O,
  post,
  secretOf,
  signInAt,
  tokensFor,
} from '../support/okta-client.js'
import { Visitor } from '../support/visitor.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
  okta.register(APP)
})
afterAll(() => okta.close())

const servers: Server[] = []
/** Two of the clients warn that they accept http. */
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Makes an app listen, and registers it. @param create gets the address at which the app will be */
async function listening(
  create: (url: string) => RequestListener | Promise<RequestListener>,
): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  okta.register(url)
  server.on('request', await create(url))
  return url
}

async function isActive(token: string, endpoints = endpointsOf(okta).custom): Promise<unknown> {
  return (await json(await post(`${endpoints}/introspect`, { ...secretOf(okta), token }))).active
}

describe('openid-client', () => {
  it.each(['custom', 'org'] as const)(
    'signs in, refreshes, asks, revokes and signs out at the %s server',
    async (server) => {
      okta.register(APP)
      const issuer = server === 'custom' ? okta.issuer : okta.orgUrl
      const insecure = { execute: [client.allowInsecureRequests] }
      const config = await client.discovery(
        new URL(issuer),
        okta.clientId,
        okta.clientSecret,
        undefined,
        insecure,
      )
      const [verifier, state, nonce] = [
        client.randomPKCECodeVerifier(),
        client.randomState(),
        client.randomNonce(),
      ]
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: `${APP}/callback`,
        scope: 'openid profile email groups offline_access',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      })
      const visitor = new Visitor(okta.orgUrl)
      const { location = '' } = await signInAt(url.href, visitor)
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }
      const tokens = await client.authorizationCodeGrant(config, new URL(location), checks)
      const { sub = '' } = tokens.claims() ?? {}
      expect(await client.fetchUserInfo(config, tokens.access_token, sub)).toMatchObject({
        preferred_username: LION_O,
        groups: ['Everyone', 'Thundercats', 'Lair keepers'],
      })

      const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
      expect(refreshed.claims()?.sub).toBe(sub)
      const about = await client.tokenIntrospection(config, refreshed.access_token)
      expect(about).toMatchObject({ active: true, client_id: okta.clientId, username: LION_O })
      await client.tokenRevocation(config, refreshed.access_token)
      expect(await isActive(refreshed.access_token, endpointsOf(okta)[server])).toBe(false)

      const end = client.buildEndSessionUrl(config, {
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: `${APP}/`,
      })
      expect((await visitor.ask(end.href)).location).toBe(`${APP}/`)
      expect((await signInAt(`${url.href}&prompt=none`, visitor)).location).toContain('error=login_required')
    },
  )

  it('signs in without a secret', async () => {
    const open = await startLocalOkta({ publicClient: true })
    open.register(APP)
    const insecure = { execute: [client.allowInsecureRequests] }
    const config = await client.discovery(
      new URL(open.issuer),
      open.clientId,
      undefined,
      client.None(),
      insecure,
    )
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const challenge = await client.calculatePKCECodeChallenge(pkceCodeVerifier)
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
    const { location = '' } = await signInAt(authorizeUrl(open, pkce), new Visitor(open.orgUrl))
    const checks = { pkceCodeVerifier, expectedState: 'the-state' }
    const tokens = await client.authorizationCodeGrant(config, new URL(location), checks)
    expect(tokens.claims()?.email).toBe(LION_O)
    await open.close()
  })
})

describe('passport-openidconnect', () => {
  it('signs in, loads the profile, and sends the person to Okta’s sign-out', async () => {
    const url = await listening((own) => passportApp(okta, own))
    const visitor = new Visitor(url)
    const page = await visitor.signIn(LION_O, '/login')
    expect(page.url).toBe(`${url}/`)
    expect(JSON.parse(page.text)).toMatchObject({
      id: okta.people[0]?.id,
      displayName: 'Lion-O of Thundera',
      username: LION_O,
      emails: [{ value: LION_O }],
    })
    expect((await visitor.go('/logout')).url).toBe(`${url}/`)
    expect((await visitor.go('/login')).text).toContain('name="person"')
  })
})

describe('@okta/oidc-middleware', () => {
  it('signs in, asks userinfo, and at the sign-out revokes its token and ends Okta’s session', async () => {
    const url = await listening((own) => oktaApp(okta, own))
    const visitor = new Visitor(url)
    const page = await visitor.signIn(LION_O, '/lair?gate=1')
    expect(page.url).toBe(`${url}/lair?gate=1`)
    const { userinfo, tokens } = JSON.parse(page.text)
    expect(userinfo).toMatchObject({ sub: okta.people[0]?.id, name: 'Lion-O of Thundera' })
    expect(await isActive(tokens.access_token)).toBe(true)
    expect(await isActive(tokens.refresh_token)).toBe(true)
    const end = await visitor.go('/logout', { method: 'post' })
    expect(end.url).toBe(`${url}/`)
    expect(await isActive(tokens.access_token)).toBe(false)
    expect(await isActive(tokens.refresh_token)).toBe(false)
    expect((await visitor.go('/lair')).text).toContain('name="person"')
  })
})

describe('@okta/jwt-verifier', () => {
  const verifier = () =>
    new JwtVerifier({ issuer: okta.issuer, clientId: okta.clientId, testing: { disableHttpsCheck: true } })

  it('accepts the tokens of the custom server, for their audience only', async () => {
    okta.register(APP)
    const { access_token, id_token } = await tokensFor(okta)
    const { claims } = await verifier().verifyAccessToken(access_token, 'api://default')
    expect(claims).toMatchObject({ cid: okta.clientId, uid: okta.people[0]?.id, sub: LION_O })
    await expect(verifier().verifyAccessToken(access_token, 'api://other')).rejects.toThrow('audience')
    expect((await verifier().verifyIdToken(id_token, okta.clientId)).claims.sub).toBe(okta.people[0]?.id)
  })

  it('does not accept an access token of the org’s own server, which is for Okta alone', async () => {
    const { access_token } = await tokensFor(okta, 'openid', endpointsOf(okta).org)
    await expect(verifier().verifyAccessToken(access_token, 'api://default')).rejects.toThrow()
  })
})
