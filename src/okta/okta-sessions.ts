/**
 * Ends the sessions that a person has at Okta, in every browser. The best way also makes Okta ask all other apps to end
 * theirs (Universal Logout). For either way the credentials need a right that the app does not have by default.
 * https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserSessions/
 */
import type { Log } from '../log.js'
import { requestToken } from './access-tokens.js'
import { type Credentials, serviceAppOf } from './api-credentials.js'
import { OktaFailure, statusFailure } from './failure.js'
import { boundedFetch } from './fetch.js'

/** How long all calls for one person may take together. The person waits. */
const TIMEOUT_MS = 2000

/** One way to end them. */
interface Way {
  name: string
  /** The right that an access token needs. */
  scope: string
  request(orgUrl: string, id: string): { url: string; method: string; body?: string }
}

const UNIVERSAL_LOGOUT: Way = {
  name: 'global token revocation',
  scope: 'okta.universalLogout.manage',
  request: (orgUrl, id) => ({
    url: `${orgUrl}/oauth2/v1/global-token-revocation`,
    method: 'POST',
    body: JSON.stringify({ sub_id: { format: 'opaque', id } }),
  }),
}

const CLEAR_SESSIONS: Way = {
  name: 'sessions cleared',
  scope: 'okta.users.manage',
  // By default Okta forgets the person's devices, too, and asks for a second factor in a browser that it knew.
  request: (orgUrl, id) => ({
    url: `${orgUrl}/api/v1/users/${id}/sessions?oauthTokens=true&forgetDevices=false`,
    method: 'DELETE',
  }),
}

export type OktaSessions = ReturnType<typeof createOktaSessions>

export function createOktaSessions(config: Credentials, log: Log) {
  const { oktaOrgUrl, oktaApiToken } = config
  const app = serviceAppOf(config)
  const ways = app ? [UNIVERSAL_LOGOUT, CLEAR_SESSIONS] : [CLEAR_SESSIONS]

  async function authorizationFor({ scope }: Way, signal: AbortSignal): Promise<string> {
    return app ? `Bearer ${(await requestToken(app, scope, signal)).value}` : `SSWS ${oktaApiToken}`
  }

  /** @throws {OktaFailure} Okta has not ended them in this way */
  async function take(way: Way, id: string, signal: AbortSignal): Promise<void> {
    const { url, ...init } = way.request(oktaOrgUrl, id)
    const Authorization = await authorizationFor(way, signal)
    const headers = { Authorization, 'Content-Type': 'application/json' }
    const { status, headers: answered } = (await boundedFetch(url, { ...init, headers }, signal)).response
    if (status < 200 || status > 299) throw refusal(way, status, answered)
  }

  return {
    /**
     * Ends all of a person's sessions at Okta, within 2 s. The log gets one line.
     * @param id of the Okta user
     * @returns whether Okta has ended them
     */
    async endAll(id: string, requestId: string): Promise<boolean> {
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      let failure: unknown
      for (const way of ways) {
        try {
          await take(way, id, signal)
          log.info({ requestId, subject: id, way: way.name }, 'signed out everywhere at Okta')
          return true
        } catch (error) {
          if (!(error instanceof OktaFailure)) throw error
          failure = error
        }
      }
      const { kind: cause, status, oauthError } = failure as OktaFailure
      const entry = { requestId, subject: id, cause, status, oauthError, remedy: REMEDY }
      log.warn(entry, 'the sessions at Okta live on')
      return false
    },
  }
}

const REMEDY =
  'If people shall be able to sign out of Okta everywhere, give the app the right to do it: see docs/universal-logout.md'

function refusal({ scope }: Way, status: number, headers: Headers): OktaFailure {
  if (status !== 401 && status !== 403) return statusFailure(status, headers)
  return new OktaFailure('api-scope', `Okta does not let the app use ${scope}`, { status })
}
