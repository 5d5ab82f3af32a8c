/** The step for the access policy of the custom authorization server: without one it lets nobody in. */

import { type Json, type OktaApi, OktaRefusal } from '../okta-api.js'
import type { Changes } from './env-file.js'
import type { Report, Wishes } from './step.js'

/** What the app asks for when a person signs in. */
const SCOPES = ['openid', 'profile', 'email']

/**
 * The access policies of the authorization server that the app uses.
 * @returns nothing for the org's own server, which has no policies. Without `policies` the org has no custom servers
 */
export async function policiesOf(api: OktaApi, issuer: string | undefined) {
  const server = issuer ? /\/oauth2\/([^/]+)\/*$/.exec(issuer)?.[1] : 'default'
  if (!server) return undefined
  const path = `/api/v1/authorizationServers/${server}/policies`
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
  for (const policy of policies) {
    const isFor = ['ALL_CLIENTS', clientId].some((client) => clientsOf(policy).includes(client))
    if (policy.status !== 'ACTIVE' || !isFor) continue
    const rules = await api.list(`${path}/${policy.id}/rules`)
    if (!rules.some((rule) => letsIn(rule, group))) continue
    report({ ...step, action: 'unchanged', id: String(policy.id), detail: String(policy.name) })
    return {}
  }
  const known = policies.find(({ name }) => name === label)
  const policy = known ?? (await api.post(path, policyFor(label, clientId, policies.length + 1)))
  if (!clientsOf(policy).includes(clientId)) {
    const include = [...clientsOf(policy), clientId]
    await api.put(`${path}/${policy.id}`, { ...policy, conditions: { clients: { include } } })
  }
  await api.post(`${path}/${policy.id}/rules`, ruleFor(group))
  report({ ...step, action: known ? 'updated' : 'created', id: String(policy.id), detail: label })
  return {}
}

export function clientsOf(policy: Json): unknown[] {
  return listAt(policy, 'conditions', 'clients', 'include')
}

/** Whether a rule lets the members of the group sign in with this app. */
function letsIn(rule: Json, group: Json): boolean {
  const groups = listAt(rule, 'conditions', 'people', 'groups', 'include')
  const scopes = listAt(rule, 'conditions', 'scopes', 'include')
  return (
    rule.status === 'ACTIVE' &&
    listAt(rule, 'conditions', 'grantTypes', 'include').includes('authorization_code') &&
    (scopes.includes('*') || SCOPES.every((scope) => scopes.includes(scope))) &&
    (groups.includes('EVERYONE') || groups.includes(group.id))
  )
}

function listAt(value: Json, ...path: string[]): unknown[] {
  const found = path.reduce<unknown>((at, name) => Object(at)[name], value)
  return Array.isArray(found) ? found : []
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
