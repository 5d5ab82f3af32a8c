/** What Okta's own SDK makes of the answers: it reads them with the models of Okta's specification. */
import { Client } from '@okta/okta-sdk-nodejs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { policyFor, ruleForEveryone, webApp } from '../support/management.js'

let okta: LocalOkta
let client: Client
beforeAll(async () => {
  okta = await startLocalOkta()
  client = new Client({
    orgUrl: okta.orgUrl,
    token: okta.apiToken,
    authorizationMode: 'SSWS',
    // biome-ignore lint/suspicious/noExplicitAny: the SDK's types do not know that null switches its cache off
    cacheMiddleware: null as any,
  })
})
afterAll(() => okta.close())

/** All items of a list, over as many pages as there are. */
async function all<T>(list: Promise<{ each(take: (item: T) => void): Promise<unknown> }>): Promise<T[]> {
  const items: T[] = []
  await (await list).each((item) => void items.push(item))
  return items
}

it('creates an app, assigns it, and finds it, its secret and its group again', async () => {
  const application = await client.applicationApi.createApplication({
    application: webApp('By the SDK') as never,
    activate: true,
  })
  const appId = String(application.id)
  expect(application.status).toBe('ACTIVE')
  const [everyone] = await all(client.groupApi.listGroups({ q: 'Everyone' }))
  const groupId = String(everyone?.id)
  await client.applicationApi.assignGroupToApplication({ appId, groupId })
  const assigned = await all(client.applicationApi.listApplicationGroupAssignments({ appId }))
  expect(assigned.map(({ id }) => id)).toEqual([groupId])
  const found = await all(client.applicationApi.listApplications({ q: 'By the' }))
  expect(found.map(({ id, label }) => [id, label])).toEqual([[appId, 'By the SDK']])
  await expect(client.applicationApi.deleteApplication({ appId })).rejects.toMatchObject({
    status: 403,
    errorCode: 'E0000056',
  })
  await client.applicationApi.deactivateApplication({ appId })
  await client.applicationApi.deleteApplication({ appId })
  expect(await all(client.applicationApi.listApplications({ q: 'By the' }))).toEqual([])
})

it('lists users, page by page, and the groups of one', async () => {
  const users = await all(client.userApi.listUsers({ limit: 2 }))
  expect(users.map(({ profile }) => profile?.login)).toEqual(
    okta.people.filter(({ known }) => known).map(({ profile }) => profile.login),
  )
  const groups = await all(client.userApi.listUserGroups({ userId: 'lion-o@thundera.example' }))
  expect(groups.map(({ type }) => type)).toContain('BUILT_IN')
})

it('creates a policy with a rule, and lists both', async () => {
  const api = client.authorizationServerApi
  const [server] = await all(api.listAuthorizationServers())
  expect([server?.id, server?.issuer]).toEqual(['default', okta.issuer])
  const authServerId = 'default'
  const policy = await api.createAuthorizationServerPolicy({
    authServerId,
    policy: policyFor('ALL_CLIENTS') as never,
  })
  const policyId = String(policy.id)
  const policyRule = ruleForEveryone() as never
  const rule = await api.createAuthorizationServerPolicyRule({ authServerId, policyId, policyRule })
  expect(rule.conditions?.scopes?.include).toEqual(['openid', 'profile', 'email'])
  const policies = await all(api.listAuthorizationServerPolicies({ authServerId }))
  expect(policies.map(({ id }) => id)).toContain(policyId)
  const rules = await all(api.listAuthorizationServerPolicyRules({ authServerId, policyId }))
  expect(rules.map(({ name }) => name)).toEqual(['Everybody'])
})
