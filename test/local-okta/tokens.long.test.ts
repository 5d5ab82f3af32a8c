import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
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
const refresh = async (server: Server, refresh_token: string, form = {}) =>
  call(server, 'token', { grant_type: 'refresh_token', refresh_token, ...form })
const userinfo = (server: Server, token: string) =>
  fetch(`${endpointsOf(okta)[server]}/userinfo`, { headers: { Authorization: `Bearer ${token}` } })
const lionO = () => okta.people[0]

describe('an access token of the custom server', () => {
  it('is a JWT with Okta’s claims, signed with the published key', async () => {
    const { access_token } = await tokensAt('custom', 'openid email')
    const keys = createRemoteJWKSet(new URL(`${okta.issuer}/v1/keys`))
    const { payload, protectedHeader } = await jwtVerify(access_token, keys)
    expect(protectedHeader).toEqual({ kid: okta.signingKey.kid, alg: 'RS256' })
    expect(payload).toEqual({
      ver: 1,
      jti: expect.stringMatching(/^AT\./),
      iss: okta.issuer,
      aud: 'api://default',
      iat: expect.any(Number),
      exp: Number(payload.iat) + 3600,
      cid: okta.clientId,
      uid: lionO()?.id,
      scp: ['openid', 'email'],
      auth_time: expect.any(Number),
      sub: LION_O,
    })
  })

  it('follows the org’s clock', async () => {
    await okta.faults.on('clock-1h-ahead')
    const { iat = 0 } = decodeJwt((await tokensAt('custom')).access_token)
    expect(iat - Date.now() / 1000).toBeGreaterThan(3500)
  })

  it('is taken as a whole only', async () => {
    const { access_token } = await tokensAt('custom')
    const { jti = '' } = decodeJwt(access_token)
    const [header, payload] = access_token.split('.')
    expect((await userinfo('custom', access_token)).status).toBe(200)
    for (const forged of [jti, jti.slice(3), `${header}.${payload}.AAAA`, `${header}.${payload}.`])
      expect((await userinfo('custom', forged)).status).toBe(401)
  })
})

it('an access token of the org’s own server is opaque', async () => {
  const { access_token } = await tokensAt('org')
  expect(() => decodeProtectedHeader(access_token)).toThrow()
  expect((await userinfo('org', access_token)).status).toBe(200)
})

describe('groups', () => {
  it('are in the ID token if the app asks for them, Everyone among them', async () => {
    const { id_token } = await tokensAt('custom', 'openid groups')
    expect(decodeJwt(id_token).groups).toEqual(['Everyone', 'Thundercats', 'Lair keepers'])
    expect(decodeJwt((await tokensAt('custom')).id_token)).not.toHaveProperty('groups')
  })
})

describe('userinfo', () => {
  it.each(SERVERS)(
    'at the %s server has claims about the person, and none about the sign-in',
    async (server) => {
      const { access_token } = await tokensAt(server, EVERYTHING)
      expect(await (await userinfo(server, access_token)).json()).toEqual({
        sub: lionO()?.id,
        name: 'Lion-O of Thundera',
        given_name: 'Lion-O',
        family_name: 'of Thundera',
        locale: 'en_US',
        zoneinfo: 'America/Los_Angeles',
        updated_at: 1_700_000_000,
        preferred_username: LION_O,
        email: LION_O,
        email_verified: true,
        groups: ['Everyone', 'Thundercats', 'Lair keepers'],
      })
    },
  )

  it('has only sub if the app asked for no more', async () => {
    const { access_token } = await tokensAt('custom', 'openid')
    expect(await (await userinfo('custom', access_token)).json()).toEqual({ sub: lionO()?.id })
  })
})

describe.each(SERVERS)('a refresh token of the %s server', (server) => {
  it('comes with offline_access only, whatever the prompt', async () => {
    expect(await tokensAt(server)).not.toHaveProperty('refresh_token')
    expect((await tokensAt(server, EVERYTHING)).scope.split(' ')).toContain('offline_access')
  })

  it('gives new tokens for the same person, again and again: a web app keeps it', async () => {
    const first = await tokensAt(server, EVERYTHING)
    const seen = new Set([first.access_token])
    for (let times = 0; times < 3; times++) {
      const next = await json(await refresh(server, String(first.refresh_token)))
      expect(next.refresh_token).toBe(first.refresh_token)
      expect(decodeJwt(next.id_token)).toMatchObject({
        sub: lionO()?.id,
        auth_time: decodeJwt(first.id_token).auth_time,
      })
      seen.add(next.access_token)
    }
    expect(seen.size).toBe(4)
  })

  it('gives fewer scopes if asked, and never more', async () => {
    const { refresh_token = '' } = await tokensAt(server, 'openid offline_access')
    expect(await (await refresh(server, refresh_token, { scope: 'openid' })).json()).toMatchObject({
      scope: 'openid',
    })
    const more = await refresh(server, refresh_token, { scope: 'openid profile' })
    expect([more.status, (await json(more)).error]).toEqual([400, 'invalid_scope'])
  })

  it.each(['account-suspended', 'account-not-assigned'])('gives nothing with %s', async (fault) => {
    const { refresh_token = '' } = await tokensAt(server, EVERYTHING)
    await okta.faults.on(fault, LION_O)
    const answer = await refresh(server, refresh_token)
    expect([answer.status, (await json(answer)).error]).toEqual([400, 'invalid_grant'])
  })
})
