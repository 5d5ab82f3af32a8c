/** The step for the access policy of the custom authorization server: without one it lets nobody in. */
import { SCOPES } from '../../sign-in/openid-connect.js'
import { clientsOf, customServerIn, groupsOf, isFor, letsSignIn, policiesPath } from '../access-policies.js'
import { type Json, type OktaApi, OktaRefusal } from '../okta-api.js'
import type { Changes } from './env-file.js'
import type { Report, Wishes } from './step.js'

/**
 * The access policies of the authorization server that the app uses.
 * @returns nothing for the org's own server, which has no policies. Without `policies` the org has no custom servers
 */
export async function policiesOf(api: OktaApi, issuer: string | undefined) {
  const server = issuer ? customServerIn(issuer) : 'default'
  if (!server) return undefined
  const path = policiesPath(server)
  const policies = await api.list(path).catch((error) => {
    if (issuer || !(error instanceof OktaRefusal) || !/E0000015|E0000007/.test(error.code)) throw error
  })
  return { path, policies }
}

/** @returns the setting for another authorization server, if the app needs another one */
export async function allowClient(
  api: OktaApi,
  { orgUrl, label, settings: { OKTA_ISSUER: issuer } }: Wishes,
  clientId: string,
  group: Json,
  report: Report,
): Promise<Changes> {
  const step = { step: 'access-policy' } as const
  const server = await policiesOf(api, issuer)
  if (!server) {
    report({
      ...step,
      action: 'skipped',
      detail: 'OKTA_ISSUER is the org’s own server, which needs no policy',
    })
    return {}
  }
  const { path, policies } = server
  if (!policies) {
    report({ ...step, action: 'skipped', detail: 'the org has no custom server, so OKTA_ISSUER is the org' })
    return { OKTA_ISSUER: orgUrl }
  }
  for (const policy of policies.filter((one) => isFor(one, clientId))) {
    const rules = await api.list(`${path}/${policy.id}/rules`)
    if (!rules.some((rule) => letsSignIn(rule) && isForGroup(rule, group))) continue
    report({ ...step, action: 'unchanged', id: String(policy.id), detail: String(policy.name) })
    return {}
  }
  const known = policies.find(({ name }) => name === label)
  const policy = known ?? (await api.post(path, policyFor(label, clientId, policies.length + 1)))
  if (!clientsOf(policy).includes(clientId)) {
    const include = [...clientsOf(policy), clientId]
    const conditions = { ...Object(policy.conditions), clients: { include } }
    await api.put(`${path}/${policy.id}`, { ...policy, conditions })
  }
  await api.post(`${path}/${policy.id}/rules`, ruleFor(group))
  report({ ...step, action: known ? 'updated' : 'created', id: String(policy.id), detail: label })
  return {}
}

function isForGroup(rule: Json, group: Json): boolean {
  return groupsOf(rule).some((id) => id === 'EVERYONE' || id === group.id)
}

function policyFor(name: string, clientId: string, priority: number): Json {
  return {
    type: 'OAUTH_AUTHORIZATION_POLICY',
    status: 'ACTIVE',
    name,
    description: `Lets people sign in to ${name}`,
    priority,
    conditions: { clients: { include: [clientId] } },
  }
}

function ruleFor({ id, type }: Json): Json {
  return {
    type: 'RESOURCE_ACCESS',
    status: 'ACTIVE',
    name: 'Sign in',
    priority: 1,
    conditions: {
      people: { groups: { include: [type === 'BUILT_IN' ? 'EVERYONE' : id] } },
      grantTypes: { include: ['authorization_code'] },
      scopes: { include: SCOPES },
    },
    actions: {
      token: {
        accessTokenLifetimeMinutes: 60,
        refreshTokenLifetimeMinutes: 0,
        refreshTokenWindowMinutes: 10_080,
      },
    },
  }
}
