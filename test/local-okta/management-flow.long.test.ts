import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { SITE } from '../../src/site.js'
import { type Lair, startLair } from '../support/lair.js'
import { type Ask, management, policyFor, ruleForEveryone, webApp } from '../support/management.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'

describe('an empty org', () => {
  let okta: LocalOkta
  let ask: Ask
  let lair: Lair
  let app: { id: string; clientId: string }

  beforeEach(async () => {
    okta = await startLocalOkta({ empty: true })
    ask = management(okta)
    const { body } = await ask('POST', '/apps?activate=true', webApp('The lair'))
    const { client_id: OKTA_CLIENT_ID, client_secret: OKTA_CLIENT_SECRET } = body.credentials.oauthClient
    app = { id: body.id, clientId: OKTA_CLIENT_ID }
    lair = await startLair({ OKTA_CLIENT_ID, OKTA_CLIENT_SECRET }, { sharedOkta: okta })
    await replace((client) => {
      client.redirect_uris = [`${lair.url}/callback`]
      client.post_logout_redirect_uris = [`${lair.url}/`]
    })
    await lair.ready()
  })
  afterEach(async () => {
    await lair.close()
    await okta.close()
  })

  /** Reads the app, changes it, and writes all of it. */
  async function replace(change: (client: Record<string, unknown>) => void): Promise<void> {
    const { body } = await ask('GET', `/apps/${app.id}`)
    change(body.settings.oauthClient)
    expect((await ask('PUT', `/apps/${app.id}`, body)).status).toBe(200)
  }

  async function assignEveryone(): Promise<void> {
    const { body } = await ask('GET', '/groups?q=Everyone')
    expect((await ask('PUT', `/apps/${app.id}/groups/${body[0].id}`)).status).toBe(200)
  }

  async function letIn(
    rule: object = ruleForEveryone(),
    policy: object = policyFor(app.clientId),
  ): Promise<string> {
    const { body } = await ask('POST', '/authorizationServers/default/policies', policy)
    const path = `/authorizationServers/default/policies/${body.id}`
    expect((await ask('POST', `${path}/rules`, rule)).status).toBe(201)
    return path
  }

  it('lets a person into the app once it is assigned and a policy lets them in, and out again', async () => {
    const notAssigned = await lair.visitor().signIn(LION_O)
    expect([notAssigned.status, notAssigned.text]).toEqual([403, expect.stringContaining('assigned')])

    await assignEveryone()
    const noPolicy = await lair.visitor().signIn(LION_O)
    expect([noPolicy.status, noPolicy.text]).toEqual([403, expect.stringContaining('policy')])

    await letIn()
    const visitor = lair.visitor()
    const page = await visitor.signIn(LION_O)
    expect([page.status, page.url]).toEqual([200, `${lair.url}/lair`])
    expect(page.text).toContain('Lion-O')

    const end = await visitor.go('/logout', { method: 'post', headers: { Origin: lair.url } })
    expect([end.status, end.url]).toEqual([200, `${lair.url}/`])
    expect((await visitor.go('/lair')).text).toContain('name="person"') // the session at Okta is over, too
  })

  it('keeps out whom the rule of the policy does not mean', async () => {
    await assignEveryone()
    const rule = ruleForEveryone()
    const [lionO] = okta.people
    const path = await letIn({
      ...rule,
      conditions: { ...rule.conditions, people: { users: { include: [lionO?.id] } } },
    })
    expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
    expect((await lair.visitor().signIn(CHEETARA)).status).toBe(403)
    expect((await ask('DELETE', path)).status).toBe(204)
    expect((await lair.visitor().signIn(LION_O)).status).toBe(403)
  })

  it.each<[string, object]>([
    ['other scopes', { scopes: { include: ['openid'] } }],
    ['another grant type', { grantTypes: { include: ['client_credentials'] } }],
    ['nobody in a group', { people: { groups: { include: ['EVERYONE'], exclude: ['EVERYONE'] } } }],
  ])('keeps everybody out while the only rule is for %s', async (_what, conditions) => {
    await assignEveryone()
    const rule = ruleForEveryone()
    await letIn({ ...rule, conditions: { ...rule.conditions, ...conditions } })
    expect((await lair.visitor().signIn(LION_O)).status).toBe(403)
  })

  it('keeps everybody out while the only policy is for another app, or not active', async () => {
    await assignEveryone()
    const { body } = await ask('POST', '/apps', webApp('Another'))
    const path = await letIn(ruleForEveryone(), policyFor(body.credentials.oauthClient.client_id))
    expect((await lair.visitor().signIn(LION_O)).status).toBe(403)
    await ask('PUT', path, policyFor('ALL_CLIENTS'))
    expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
    await ask('PUT', path, { ...policyFor('ALL_CLIENTS'), status: 'INACTIVE' })
    expect((await lair.visitor().signIn(LION_O)).status).toBe(403)
  })

  it('shows its own page to the app’s people while the app is not active, or has other redirect URIs', async () => {
    await assignEveryone()
    await letIn()
    await ask('POST', `/apps/${app.id}/lifecycle/deactivate`)
    const inactive = await lair.visitor().go('/lair')
    expect([inactive.status, inactive.text]).toEqual([400, expect.stringContaining('This is not Okta')])
    await ask('POST', `/apps/${app.id}/lifecycle/activate`)
    expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
    await replace((client) => {
      client.redirect_uris = ['http://localhost:1/callback']
    })
    expect((await lair.visitor().go('/lair')).status).toBe(400)
  })

  it('signs nobody out to a URI that is no longer registered', async () => {
    await assignEveryone()
    await letIn()
    const visitor = lair.visitor()
    await visitor.signIn(LION_O)
    await replace((client) => {
      client.post_logout_redirect_uris = ['http://localhost:1/']
    })
    const end = await visitor.go('/logout', { method: 'post', headers: { Origin: lair.url } })
    expect([end.status, new URL(end.url).origin]).toEqual([400, okta.orgUrl])
  })

  it('ends the sessions of a person, who then signs in again', async () => {
    await assignEveryone()
    await letIn()
    const [lionO, cheetara] = [lair.visitor(), lair.visitor()]
    await lionO.signIn(LION_O)
    await cheetara.signIn(CHEETARA)

    expect((await ask('DELETE', `/users/${LION_O}/sessions`)).status).toBe(204)
    for (const [visitor, isOver] of [
      [lionO, true],
      [cheetara, false],
    ] as const) {
      visitor.cookies.delete(SITE.slug)
      expect((await visitor.go('/lair')).text.includes('name="person"')).toBe(isOver)
    }
  })
})

describe('a ready org', () => {
  it('lets in whom the app’s groups have, and nobody else', async () => {
    const lair = await startLair()
    const ask = management(lair.okta)
    await lair.ready()
    const groups = (await ask('GET', '/groups')).body as { id: string; profile: { name: string } }[]
    const path = (name: string) => {
      const group = groups.find(({ profile }) => profile.name === name)
      return `/apps/${lair.okta.clientId}/groups/${group?.id}`
    }
    const [lionO, , mummRa] = lair.okta.people
    Object.assign(mummRa ?? {}, { assigned: true }) // nobody keeps him out but the groups
    const statuses = async () => [
      (await lair.visitor().signIn(LION_O)).status,
      (await lair.visitor().signIn('mumm-ra@thirdearth.example')).status,
    ]
    expect(await statuses()).toEqual([200, 200])
    expect((await ask('PUT', path('Thundercats'))).status).toBe(200)
    expect((await ask('DELETE', path('Everyone'))).status).toBe(204)
    expect(await statuses()).toEqual([200, 403])
    const names = (await ask('GET', `/users/${lionO?.id}/groups`)).body
    expect(names.map(({ profile }: { profile: { name: string } }) => profile.name)).toEqual([
      'Everyone',
      'Thundercats',
      'Lair keepers',
    ])
    await lair.close()
  })
})

describe('a service app', () => {
  let okta: LocalOkta
  let ask: Ask
  beforeAll(async () => {
    okta = await startLocalOkta({ empty: true })
    ask = management(okta)
  })
  afterAll(() => okta.close())

  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const serviceApp = (changes: object = {}) => ({
    name: 'oidc_client',
    label: 'The lair: API',
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'private_key_jwt' } },
    settings: {
      oauthClient: {
        application_type: 'service',
        grant_types: ['client_credentials'],
        response_types: ['token'],
        jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'lair', use: 'sig', alg: 'RS256' }] },
        dpop_bound_access_tokens: false,
        ...changes,
      },
    },
  })

  async function create(changes?: object): Promise<string> {
    const { status, body } = await ask('POST', '/apps', serviceApp(changes))
    expect([status, body.credentials.oauthClient]).toEqual([
      200,
      expect.not.objectContaining({ client_secret: expect.anything() }),
    ])
    return body.id
  }

  async function token(id: string, scope: string, key = privateKey) {
    const endpoint = `${okta.orgUrl}/oauth2/v1/token`
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: 'RS256', kid: 'lair' })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(endpoint)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime('1 minute')
      .sign(key)
    const answer = await fetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    })
    const body = (await answer.json()) as Record<string, string>
    return { status: answer.status, body }
  }

  const grant = (id: string, scopeId: string) =>
    ask('POST', `/apps/${id}/grants`, { scopeId, issuer: okta.orgUrl })
  const role = (id: string, type: string) => ask('POST', `/oauth2/v1/clients/${id}/roles`, { type })

  it('gets a token for scopes that it was granted, and reads users with it once it has a role', async () => {
    const id = await create()
    expect((await token(id, 'okta.users.read')).body.error).toBe('invalid_scope')
    expect((await grant(id, 'okta.users.read')).status).toBe(201)
    const { status, body } = await token(id, 'okta.users.read')
    expect([status, body]).toEqual([
      200,
      { token_type: 'Bearer', expires_in: 3600, scope: 'okta.users.read', access_token: expect.any(String) },
    ])
    const asService = management(okta, `Bearer ${body.access_token}`)
    expect((await asService('GET', `/users/${LION_O}`)).body.errorCode).toBe('E0000006')
    await role(id, 'READ_ONLY_ADMIN')
    expect((await asService('GET', `/users/${LION_O}`)).body.profile.login).toBe(LION_O)
    expect((await asService('GET', '/users?limit=1')).body).toHaveLength(1)
    const refused: [string, string][] = [
      ['GET', '/apps'], // no scope
      ['POST', `/users/${LION_O}/lifecycle/suspend`], // not the scope to change anything
    ]
    for (const [method, path] of refused) {
      const answer = await asService(method, path)
      expect([path, answer.status, answer.body.errorCode]).toEqual([path, 403, 'E0000006'])
    }
    await ask('POST', `/apps/${id}/lifecycle/deactivate`)
    expect((await asService('GET', `/users/${LION_O}`)).body.errorCode).toBe('E0000011')
    expect((await token(id, 'okta.users.read')).status).toBe(401)
  })

  it('may change what its role and its scope allow', async () => {
    const id = await create()
    await grant(id, 'okta.users.manage')
    await role(id, 'READ_ONLY_ADMIN')
    const { body } = await token(id, 'okta.users.manage')
    const asService = management(okta, `Bearer ${body.access_token}`)
    const suspend = () => asService('POST', `/users/${CHEETARA}/lifecycle/suspend`)
    expect((await suspend()).body.errorCode).toBe('E0000006')
    expect((await asService('GET', '/users')).status).toBe(200)
    await role(id, 'HELP_DESK_ADMIN')
    expect((await suspend()).status).toBe(200)
    await asService('POST', `/users/${CHEETARA}/lifecycle/unsuspend`)
  })

  it('gets no token with another key, for no scope, or if it must prove its key', async () => {
    const id = await create()
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    expect((await token(id, 'okta.users.read', stranger)).body.error).toBe('invalid_client')
    expect((await token(id, '')).body.error).toBe('invalid_scope')
    const bound = await create({ dpop_bound_access_tokens: true })
    await grant(bound, 'okta.users.read')
    expect((await token(bound, 'okta.users.read')).body.error).toBe('invalid_dpop_proof')
  })
})
