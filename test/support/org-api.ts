/** An org with a management API, in Okta's shapes. People sign in at the local Okta, which `OKTA_ISSUER` must name. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { LocalOkta } from '../../local-okta/server.js'

export interface OrgApi {
  /** The value for `OKTA_ORG_URL`. */
  url: string
  /** What a path answers, without its query. A number is a status with Okta's error for it. Tests change it. */
  answers: Record<string, unknown>
  /** How many of 600 calls are left. */
  remaining: number
  close(): void
}

const ERRORS: Record<number, string> = { 401: 'E0000011', 403: 'E0000006', 404: 'E0000007' }

const USER = { id: '00u00000000000000001', status: 'ACTIVE', profile: { firstName: 'Panthro' } }

/** An org in which all is well for the app at `baseUrl`. */
export async function startOrgApi(okta: LocalOkta, baseUrl: string, delayMs = 0): Promise<OrgApi> {
  const server = createServer((req, res) => {
    const answer = answerTo(req)
    const status = typeof answer === 'number' ? answer : 200
    const body = typeof answer === 'number' ? { errorCode: ERRORS[answer], errorCauses: [] } : answer
    res.writeHead(status, {
      'Content-Type': 'application/json',
      'X-Rate-Limit-Limit': '600',
      'X-Rate-Limit-Remaining': String(org.remaining),
      'X-Rate-Limit-Reset': String(Math.ceil(Date.now() / 1000) + 30),
    })
    setTimeout(() => res.end(JSON.stringify(body)), delayMs)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  function answerTo({ url = '', headers }: IncomingMessage): unknown {
    const [path = ''] = url.split('?')
    const isAllowed = !path.startsWith('/api/') || headers.authorization === `SSWS ${okta.apiToken}`
    return isAllowed ? (org.answers[path] ?? 404) : 401
  }

  const policies = '/api/v1/authorizationServers/default/policies'
  const organization = await fetch(`${okta.orgUrl}/.well-known/okta-organization`)
  const org: OrgApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    remaining: 599,
    answers: {
      '/.well-known/okta-organization': await organization.json(),
      '/api/v1/users': [USER],
      [`/api/v1/users/${USER.id}`]: USER,
      [`/api/v1/users/${USER.id}/groups`]: [{ profile: { name: 'Everyone' } }],
      [`/api/v1/apps/${okta.clientId}`]: {
        id: okta.clientId,
        status: 'ACTIVE',
        settings: { oauthClient: { post_logout_redirect_uris: [`${baseUrl}/`] } },
        universalLogout: { status: 'ENABLED', protocol: 'GLOBAL_TOKEN_REVOCATION' },
      },
      [policies]: [
        { id: 'other', status: 'ACTIVE', conditions: { clients: { include: ['0oaSomebodyElse'] } } },
        { id: 'ours', status: 'ACTIVE', conditions: { clients: { include: ['ALL_CLIENTS'] } } },
      ],
      [`${policies}/ours/rules`]: [rule()],
      '/api/v1/groups': [{ profile: { name: 'Thundercats' } }, { profile: { name: 'Thundercats in exile' } }],
    },
    close: () => void server.close(),
  }
  return org
}

/** A rule of an access policy that lets everybody in, with some of it changed. */
export function rule(changes: { status?: string; scopes?: string[]; grantTypes?: string[] } = {}) {
  const { status = 'ACTIVE', scopes = ['*'], grantTypes = ['authorization_code'] } = changes
  const people = { groups: { include: ['EVERYONE'] } }
  return {
    status,
    type: 'RESOURCE_ACCESS',
    conditions: { people, scopes: { include: scopes }, grantTypes: { include: grantTypes } },
  }
}
