/** Who asks Okta's API, and whether they may: an API token may do everything, a service app what it was granted. */
import { timingSafeEqual } from 'node:crypto'
import type { Request } from 'express'
import { type ApiError, forbidden, invalidToken } from './api-error.js'
import type { Org } from './org.js'

/** What a request is about, as the scopes of Okta's API are named. */
export interface Call {
  area: string
  isWrite: boolean
}

export function callOf(req: Request): Call {
  const [, root = '', , first = '', , third = ''] = new URL(req.originalUrl, 'http://org').pathname.split('/')
  const isWrite = !['GET', 'HEAD'].includes(req.method)
  if (first === 'global-token-revocation') return { area: 'universalLogout', isWrite }
  if (root === 'oauth2') return { area: 'roles', isWrite }
  if (first === 'apps' && third === 'grants') return { area: 'appGrants', isWrite }
  if (first === 'users' && third === 'groups') return { area: 'groups', isWrite }
  return { area: first === 'org' ? 'orgs' : first, isWrite }
}

/** Roles, beside SUPER_ADMIN, that may change something. Every role may read. */
const WRITERS: Record<string, string[]> = {
  apps: ['APP_ADMIN', 'API_ACCESS_MANAGEMENT_ADMIN'],
  users: ['ORG_ADMIN', 'USER_ADMIN', 'HELP_DESK_ADMIN'],
  groups: ['ORG_ADMIN', 'USER_ADMIN', 'GROUP_MEMBERSHIP_ADMIN'],
  universalLogout: ['ORG_ADMIN', 'USER_ADMIN', 'HELP_DESK_ADMIN'],
  authorizationServers: ['API_ACCESS_MANAGEMENT_ADMIN'],
}

export interface AuthorizationParts {
  org: Org
  apiToken: string
  /** What an access token of the org's authorization server stands for. */
  bearer(token: string): Promise<{ clientId: string; scopes: string[] } | undefined>
}

/** @returns why the request is refused, if it is */
export type Authorize = (req: Request) => Promise<ApiError | undefined>

export function createAuthorize({ org, apiToken, bearer }: AuthorizationParts): Authorize {
  return async function authorize(req) {
    const [scheme, token = ''] = (req.get('authorization') ?? '').split(' ')
    if (scheme === 'SSWS') return same(token, apiToken) ? undefined : invalidToken()
    const found = scheme === 'Bearer' ? await bearer(token) : undefined
    const app = found && org.appOf(found.clientId)
    if (app?.status !== 'ACTIVE') return invalidToken()
    const { area, isWrite } = callOf(req)
    const enough = [`okta.${area}.manage`, ...(isWrite ? [] : [`okta.${area}.read`])]
    const roles = app.roles.map(({ type }) => type)
    const may = ['SUPER_ADMIN', ...(isWrite ? (WRITERS[area] ?? []) : roles)]
    const hasScope = enough.some((scope) => found?.scopes.includes(scope))
    return hasScope && roles.some((role) => may.includes(role)) ? undefined : forbidden()
  }
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
