import { createPrivateKey } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { newKey } from '../../local-okta/service-app.js'
import { askForToken } from '../support/service-app.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
  okta.register('http://localhost')
})
afterEach(() => okta.faults.clear())
afterAll(() => okta.close())

const seconds = () => Math.floor(Date.now() / 1000)

async function tokenFor(scope: string): Promise<string> {
  const { access_token } = (await (await askForToken(okta, { form: { scope } })).json()) as Record<
    string,
    string
  >
  return String(access_token)
}

const user = (token: string) =>
  fetch(`${okta.orgUrl}/api/v1/users/${okta.people[0]?.id}`, {
    headers: { Authorization: `Bearer ${token}` },
  })

describe('the org’s token endpoint', () => {
  it('gives the service app a token for an hour', async () => {
    const answer = await askForToken(okta, { form: { scope: 'okta.users.read okta.groups.read' } })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual({
      token_type: 'Bearer',
      expires_in: 3600,
      access_token: expect.stringMatching(/^[\w-]{40,}$/),
      scope: 'okta.users.read okta.groups.read',
    })
  })

  it.each<[string, Parameters<typeof askForToken>[1]]>([
    ['another key', { key: createPrivateKey(newKey()) }],
    ['no assertion', { form: { client_assertion: undefined } }],
    ['something else', { form: { client_assertion: 'a.b.c' } }],
    ['another type', { form: { client_assertion_type: 'jwt' } }],
    ['another issuer', { claims: { iss: '0oaOther' } }],
    ['another subject', { claims: { sub: '0oaOther' } }],
    ['the issuer as audience', { claims: { aud: 'http://localhost' } }],
    ['an end in the past', { claims: { exp: seconds() - 1 } }],
    ['an end in more than an hour', { claims: { exp: seconds() + 3700 } }],
    ['no end', { claims: { exp: undefined } }],
  ])('refuses %s', async (_what, changes) => {
    const answer = await askForToken(okta, changes)
    expect([400, 401]).toContain(answer.status)
    expect(Object(await answer.json()).error).toMatch(/^invalid_(client|request)$/)
  })

  it('accepts an assertion once', async () => {
    const claims = { jti: 'once' }
    expect((await askForToken(okta, { claims })).status).toBe(200)
    expect((await askForToken(okta, { claims })).status).toBe(401)
  })

  it.each(['okta.users.manage', 'okta.users.read okta.apps.read', '', undefined])(
    'answers the scope %j, which was not granted, with 400 invalid_scope',
    async (scope) => {
      const answer = await askForToken(okta, { form: { scope } })
      expect([answer.status, Object(await answer.json()).error]).toEqual([400, 'invalid_scope'])
    },
  )

  it('leaves all other requests to the server in which people sign in', async () => {
    const none = { client_assertion: undefined, client_assertion_type: undefined, scope: undefined }
    const form = {
      ...none,
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: 'http://localhost/callback',
    }
    const inForm = { ...form, client_id: okta.clientId, client_secret: okta.clientSecret }
    const headers = { Authorization: `Basic ${btoa(`${okta.clientId}:${okta.clientSecret}`)}` }
    for (const answer of [
      await askForToken(okta, { form: inForm }),
      await askForToken(okta, { form }, { headers }),
    ])
      expect(Object(await answer.json()).error).toBe('invalid_grant')
  })
})

describe('the Users API', () => {
  it('answers a token that may read users', async () => {
    const answer = await user(await tokenFor('okta.users.read'))
    expect([answer.status, Object(await answer.json()).id]).toEqual([200, okta.people[0]?.id])
  })

  it('answers a token for groups only with 403', async () => {
    const answer = await user(await tokenFor('okta.groups.read'))
    expect([answer.status, Object(await answer.json()).errorCode]).toEqual([403, 'E0000006'])
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="insufficient_scope"/)
  })

  it.each([
    ['made up', () => undefined],
    ['revoked', () => okta.serviceApp.revokeTokens()],
    ['older than an hour', () => okta.faults.on('clock-1h-ahead')],
    ['refused by a fault', () => okta.faults.on('credentials-token-refused')],
  ])('answers a token that is %s with 401', async (what, act) => {
    const token = await tokenFor('okta.users.read')
    await act()
    const answer = await user(what === 'made up' ? 'token' : token)
    expect([answer.status, Object(await answer.json()).errorCode]).toEqual([401, 'E0000011'])
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/)
  })
})
