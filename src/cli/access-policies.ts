/** What the commands read of the access policies of a custom authorization server. */
import { SCOPES } from '../sign-in/openid-connect.js'
import type { Json } from './okta-api.js'

/** The id of a custom authorization server; `undefined` for the org's own, which needs no access policies. */
export function customServerIn(issuer: string): string | undefined {
  return /^\/oauth2\/([^/]+)/.exec(new URL(issuer).pathname)?.[1]
}

/** The path of a server's access policies in Okta's management API. */
export function policiesPath(serverId: string): string {
  return `/api/v1/authorizationServers/${serverId}/policies`
}

/** Whether an access policy is active, and for this app. */
export function isFor(policy: Json, clientId: string): boolean {
  return policy.status === 'ACTIVE' && clientsOf(policy).some((id) => id === 'ALL_CLIENTS' || id === clientId)
}

/** The client IDs that an access policy is for, or `ALL_CLIENTS`. */
export function clientsOf(policy: Json): unknown[] {
  return included(policy, 'clients')
}

/** Whether a rule lets people sign in as the app asks for it. Which people, `groupsOf` says. */
export function letsSignIn(rule: Json): boolean {
  const scopes = included(rule, 'scopes')
  return (
    rule.status === 'ACTIVE' &&
    included(rule, 'grantTypes').includes('authorization_code') &&
    (scopes.includes('*') || SCOPES.every((scope) => scopes.includes(scope)))
  )
}

/** The ids of the groups that a rule is for, or `EVERYONE`. */
export function groupsOf(rule: Json): unknown[] {
  return included(rule, 'people', 'groups')
}

function included({ conditions }: Json, ...path: string[]): unknown[] {
  const { include } = Object(path.reduce<unknown>((at, name) => Object(at)[name], conditions))
  return Array.isArray(include) ? include : []
}
