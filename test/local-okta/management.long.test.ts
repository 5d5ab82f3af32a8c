import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { type Ask, management, policyFor, ruleForEveryone, webApp } from '../support/management.js'

const LION_O = 'lion-o@thundera.example'
const SLITHE = 'slithe@thirdearth.example'
const POLICIES = '/authorizationServers/default/policies'

let okta: LocalOkta
let ask: Ask
beforeAll(async () => {
  okta = await startLocalOkta({ empty: true })
  ask = management(okta)
})
afterAll(() => okta.close())

const refusal = (status: number, errorCode: string) => ({
  status,
  body: expect.objectContaining({ errorCode, errorLink: errorCode }),
})

describe('groups', () => {
  it('are found by what their name starts with, and have members', async () => {
    const { body } = await ask('GET', '/groups?q=EVERY')
    expect(body).toHaveLength(1)
    expect((await ask('GET', '/groups?q=veryone')).body).toEqual([])
    const search = encodeURIComponent('profile.name eq "Everyone"')
    expect((await ask('GET', `/groups?search=${search}`)).body).toEqual(body)
    expect((await ask('GET', `/groups?filter=${encodeURIComponent('type eq "OKTA_GROUP"')}`)).body).toEqual(
      [],
    )
    expect(await ask('GET', '/groups?search=x')).toMatchObject(refusal(400, 'E0000031'))
    expect((await ask('GET', `/groups/${body[0].id}`)).body).toEqual(body[0])
    const members = await ask('GET', `/groups/${body[0].id}/users`)
    expect(members.body.map(({ profile }: { profile: { login: string } }) => profile.login)).toEqual(
      okta.people.filter(({ known }) => known).map(({ profile }) => profile.login),
    )
    expect((await ask('GET', `/users/${LION_O}/groups`)).body).toEqual(body)
  })
})

describe('users', () => {
  const logins = async (query: Record<string, string>) => {
    const { status, body } = await ask('GET', `/users?${new URLSearchParams(query)}`)
    expect(status).toBe(200)
    return body.map(({ profile }: { profile: { login: string } }) => profile.login)
  }

  it('are searched by login, e-mail and status', async () => {
    expect(await logins({ search: `profile.login eq "${LION_O.toUpperCase()}"` })).toEqual([LION_O])
    expect(await logins({ search: `profile.email eq "${LION_O}" or status eq "SUSPENDED"` })).toEqual([
      LION_O,
      SLITHE,
    ])
    expect(await logins({ filter: 'status eq "ACTIVE" and profile.login sw "lion"' })).toEqual([LION_O])
    expect(await logins({ search: 'profile.login eq "nobody@thundera.example"' })).toEqual([])
    expect(await ask('GET', '/users?search=profile.login')).toMatchObject(refusal(400, 'E0000031'))
  })

  it('are found by what their names start with', async () => {
    expect(await logins({ q: 'slith' })).toEqual([SLITHE])
    expect(await logins({ q: 'of', limit: '1' })).toEqual([LION_O])
  })

  it('have one who owns the API token', async () => {
    expect(await ask('GET', '/users/me')).toMatchObject({ status: 200, body: { id: okta.people[0]?.id } })
  })

  it('are shown as an account fault makes them', async () => {
    okta.faults.on('account-deprovisioned', LION_O)
    expect(await logins({ search: 'status eq "DEPROVISIONED"' })).toEqual([LION_O])
    expect(await logins({ q: 'lion' })).toEqual([])
    await okta.faults.clear()
  })

  it('are suspended, and the other way', async () => {
    const change = (what: string) => ask('POST', `/users/${LION_O}/lifecycle/${what}`)
    const state = async () => (await ask('GET', `/users/${LION_O}`)).body.status
    expect(await change('unsuspend')).toMatchObject(refusal(400, 'E0000001'))
    expect((await change('suspend')).status).toBe(200)
    expect(await state()).toBe('SUSPENDED')
    expect(await change('suspend')).toMatchObject(refusal(400, 'E0000001'))
    expect((await change('unsuspend')).status).toBe(200)
    expect(await state()).toBe('ACTIVE')
    expect(await change('explode')).toMatchObject(refusal(404, 'E0000022'))
  })
})

describe('the org', () => {
  it('says who it is, and has the authorization server `default`', async () => {
    expect(await ask('GET', '/org')).toMatchObject({
      status: 200,
      body: { id: expect.stringMatching(/^00o/) },
    })
    const { body } = await ask('GET', '/authorizationServers')
    expect(body).toEqual([expect.objectContaining({ id: 'default', issuer: okta.issuer, status: 'ACTIVE' })])
    expect((await ask('GET', '/authorizationServers/default')).body).toEqual(body[0])
  })
})

describe('access policies', () => {
  let made = 0
  const policy = (changes: object = {}) => ({
    ...policyFor('ALL_CLIENTS'),
    name: `Policy ${++made}`,
    ...changes,
  })
  const create = async (changes?: object) => {
    const { status, body } = await ask('POST', POLICIES, policy(changes))
    expect(status).toBe(201)
    return body
  }

  it('are created, read, replaced, listed by priority and deleted', async () => {
    const second = await create({ priority: 2 })
    const first = await create({ priority: 1 })
    expect(first).toMatchObject({
      id: expect.stringMatching(/^00p/),
      type: 'OAUTH_AUTHORIZATION_POLICY',
      status: 'ACTIVE',
      system: false,
      conditions: { clients: { include: ['ALL_CLIENTS'] } },
    })
    const ids = async () => (await ask('GET', POLICIES)).body.map(({ id }: { id: string }) => id)
    expect(await ids()).toEqual([first.id, second.id])
    const replaced = await ask('PUT', `${POLICIES}/${first.id}`, { ...first, priority: 3 })
    expect(replaced).toMatchObject({ status: 200, body: { id: first.id, name: first.name, priority: 3 } })
    expect(await ids()).toEqual([second.id, first.id])
    expect((await ask('POST', `${POLICIES}/${first.id}/lifecycle/deactivate`)).status).toBe(204)
    expect((await ask('GET', `${POLICIES}/${first.id}`)).body.status).toBe('INACTIVE')
    for (const id of await ids()) expect((await ask('DELETE', `${POLICIES}/${id}`)).status).toBe(204)
    expect(await ids()).toEqual([])
  })

  it('are for clients of the org', async () => {
    const { body: app } = await ask('POST', '/apps', webApp('The lair'))
    const { conditions } = await create({ conditions: { clients: { include: [app.id] } } })
    expect(conditions.clients.include).toEqual([app.id])
  })

  it.each<[field: string, changes: object]>([
    ['type', { type: 'ACCESS_POLICY' }],
    ['name', { name: '' }],
    ['description', { description: undefined }],
    ['conditions.clients', { conditions: {} }],
    ['conditions.clients', { conditions: { clients: { include: ['0oax'] } } }],
  ])('with a wrong %s are refused: %j', async (field, changes) => {
    const answer = await ask('POST', POLICIES, policy(changes))
    expect(answer).toMatchObject(refusal(400, 'E0000001'))
    expect(answer.body.errorSummary).toBe(`Api validation failed: ${field}`)
    expect(answer.body.errorCauses).toHaveLength(1)
  })

  it('have names of their own', async () => {
    const { name } = await create()
    expect(await ask('POST', POLICIES, policy({ name }))).toMatchObject(refusal(400, 'E0000001'))
  })

  describe('and their rules', () => {
    let path: string
    beforeAll(async () => {
      path = `${POLICIES}/${(await create()).id}/rules`
    })

    it('are created, read, replaced and deleted', async () => {
      const { status, body } = await ask('POST', path, ruleForEveryone())
      expect([status, body]).toEqual([
        201,
        expect.objectContaining({
          id: expect.stringMatching(/^0pr/),
          type: 'RESOURCE_ACCESS',
          status: 'ACTIVE',
          conditions: {
            people: { users: { include: [], exclude: [] }, groups: { include: ['EVERYONE'], exclude: [] } },
            grantTypes: { include: ['authorization_code'] },
            scopes: { include: ['openid', 'profile', 'email'] },
          },
          actions: ruleForEveryone().actions,
        }),
      ])
      expect((await ask('GET', path)).body).toEqual([body])
      expect((await ask('GET', `${path}/${body.id}`)).body).toEqual(body)
      const again = await ask('PUT', `${path}/${body.id}`, { ...body, name: 'Renamed' })
      expect(again).toMatchObject({ status: 200, body: { id: body.id, name: 'Renamed' } })
      expect((await ask('POST', `${path}/${body.id}/lifecycle/deactivate`)).status).toBe(204)
      expect((await ask('GET', `${path}/${body.id}`)).body.status).toBe('INACTIVE')
      expect((await ask('DELETE', `${path}/${body.id}`)).status).toBe(204)
      expect(await ask('DELETE', `${path}/${body.id}`)).toMatchObject(refusal(404, 'E0000007'))
    })

    const conditions = (changes: object) => ({ conditions: { ...ruleForEveryone().conditions, ...changes } })
    it.each<[field: string, changes: object]>([
      ['type', { type: 'x' }],
      ['name', { name: null }],
      ['conditions.grantTypes', conditions({ grantTypes: { include: ['client-credentials'] } })],
      ['conditions.people', conditions({ people: {} })],
      ['conditions.scopes', conditions({ scopes: {} })],
      ['actions.token', { actions: { token: { accessTokenLifetimeMinutes: 1 } } }],
    ])('with a wrong %s are refused: %j', async (field, changes) => {
      const answer = await ask('POST', path, { ...ruleForEveryone(), ...changes })
      expect(answer).toMatchObject(refusal(400, 'E0000001'))
      expect(answer.body.errorSummary).toBe(`Api validation failed: ${field}`)
    })
  })
})

describe('the rights of an app', () => {
  let id: string
  beforeAll(async () => {
    id = (await ask('POST', '/apps', webApp('With rights'))).body.id
  })

  it('are scopes, granted once however often they are granted', async () => {
    const grant = { scopeId: 'okta.users.read', issuer: okta.orgUrl }
    const { status, body } = await ask('POST', `/apps/${id}/grants`, grant)
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ ...grant, status: 'ACTIVE', clientId: id, source: 'ADMIN' }),
    ])
    await ask('POST', `/apps/${id}/grants`, grant)
    expect((await ask('GET', `/apps/${id}/grants`)).body).toEqual([body])
    expect((await ask('GET', `/apps/${id}/grants/${body.id}`)).body).toEqual(body)
    expect((await ask('DELETE', `/apps/${id}/grants/${body.id}`)).status).toBe(204)
    expect((await ask('GET', `/apps/${id}/grants`)).body).toEqual([])
    expect(await ask('DELETE', `/apps/${id}/grants/${body.id}`)).toMatchObject(refusal(404, 'E0000007'))
  })

  it.each([{ scopeId: 'users.read' }, { scopeId: 'okta.users.read', issuer: 'https://other.example' }, {}])(
    'are no other scopes, and of no other issuer: %j',
    async (grant) => {
      const answer = await ask('POST', `/apps/${id}/grants`, { issuer: okta.orgUrl, ...grant })
      expect(answer).toMatchObject(refusal(400, 'E0000001'))
    },
  )

  it('are roles, each assigned once', async () => {
    const path = `/oauth2/v1/clients/${id}/roles`
    const { status, body } = await ask('POST', path, { type: 'READ_ONLY_ADMIN' })
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        type: 'READ_ONLY_ADMIN',
        label: 'Read-only Administrator',
        assignmentType: 'CLIENT',
      }),
    ])
    expect(await ask('POST', path, { type: 'READ_ONLY_ADMIN' })).toMatchObject(refusal(409, 'E0000090'))
    expect(await ask('POST', path, { type: 'KING' })).toMatchObject(refusal(400, 'E0000001'))
    expect((await ask('GET', path)).body).toEqual([body])
    expect((await ask('DELETE', `${path}/${body.id}`)).status).toBe(204)
    expect((await ask('GET', path)).body).toEqual([])
  })
})
