/**
 * The access tokens of a service app, for Okta's API. The app proves by its private key that it is this service app
 * (private_key_jwt, RFC 7523). The tokens come from the org's own authorization server, whatever OKTA_ISSUER is: no
 * other server gives tokens for Okta's API.
 */
import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { Log } from '../log.js'
import type { PrivateKey } from '../setting-values.js'
import { OktaFailure, statusFailure } from './failure.js'
import { boundedFetch, parseObject } from './fetch.js'
import { keepFresh } from './fresh-document.js'
import { createHealth } from './health.js'
import { oauthErrorIn } from './oauth-error.js'

/** The right that the app asks for when it starts. `okta-sessions.ts` asks for others, when a person needs them. */
export const SCOPE = 'okta.users.read'

/** The right to read groups, which the app asks for, too, if there is a page for a group. */
export const GROUPS_SCOPE = 'okta.groups.read'

/** How long a token without some of the rights asked for serves. Then the app asks again for all of them. */
const POOR_TOKEN_MS = 60_000

/** How long Okta may take. A call to the Users API, which may wait for the token, has 2 s. */
const TOKEN_TIMEOUT_MS = 1500

/** Okta accepts an hour. The request takes seconds; the rest allows for clocks that differ. */
const ASSERTION_SECONDS = 5 * 60

/** Okta's tokens live an hour. The last twelfth, five minutes, is the time to get the next one. */
const LIFE_SECONDS = { least: 60, most: 3600 }
const REFRESH_AFTER = 11 / 12

const grant = (scope: string) =>
  `Grant the scope ${scope} to the service app in Okta (the tab Okta API Scopes)`
const noDpop = () =>
  'Switch off "Proof of possession: Require Demonstrating Proof of Possession (DPoP) header in token requests" in Okta, on the General tab of the service app'

/** What the operator can do if Okta refuses. The default is the remedy of `api-credentials`. */
const REMEDIES: Record<string, (scope: string) => string> = {
  invalid_scope: grant,
  consent_required: grant,
  access_denied: grant,
  invalid_dpop_proof: noDpop,
  use_dpop_nonce: noDpop,
}

export type ServiceApp = { orgUrl: string; clientId: string; privateKey: PrivateKey }
export type AccessToken = { value: string; lifeMs: number }
export type AccessTokens = ReturnType<typeof createAccessTokens>

/**
 * @param now milliseconds since the epoch
 * @param needsGroups whether a page needs groups. If Okta refuses the right to read them, the app reads users all the
 *   same
 */
export function createAccessTokens(app: ServiceApp, log: Log, now: () => number, needsGroups: () => boolean) {
  const health = createHealth('access token', log)
  const times = ({ lifeMs }: AccessToken) => ({ refreshMs: lifeMs * REFRESH_AFTER, lastGoodMs: lifeMs })

  async function load(): Promise<AccessToken> {
    if (!needsGroups()) return requestToken(app)
    try {
      return await requestToken(app, `${SCOPE} ${GROUPS_SCOPE}`)
    } catch (error) {
      if (REMEDIES[(error as OktaFailure).oauthError ?? ''] !== grant) throw error
      return { ...(await requestToken(app)), lifeMs: POOR_TOKEN_MS }
    }
  }
  return keepFresh(load, health, now, times)
}

/**
 * @param signal ends the call; by default after 1.5 s
 * @throws {OktaFailure} Okta gives no token
 */
export async function requestToken(
  app: ServiceApp,
  scope = SCOPE,
  signal = AbortSignal.timeout(TOKEN_TIMEOUT_MS),
): Promise<AccessToken> {
  const url = `${app.orgUrl}/oauth2/v1/token`
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(app, url),
  })
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const init = { method: 'POST', headers, body }
  const { response, text } = await boundedFetch(url, init, signal)
  const { status } = response
  if (status >= 400 && status < 500 && status !== 429) throw refusal(status, text, scope)
  if (status !== 200) throw statusFailure(status, response.headers)
  return toAccessToken(parseObject(text), scope)
}

/** Okta compares `exp` with its own clock, so this is the real time, and not the `now` that tests move. */
function assertion({ clientId, privateKey: { key, kid } }: ServiceApp, audience: string): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: 'RS256', ...(kid !== undefined && { kid }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(randomUUID())
    .setExpirationTime(Math.floor(Date.now() / 1000) + ASSERTION_SECONDS)
    .sign(key)
}

function refusal(status: number, text: string, scope: string): OktaFailure {
  const oauthError = oauthErrorIn(text)
  const kind = status === 401 || oauthError ? 'api-credentials' : 'bad-answer'
  const remedy = REMEDIES[oauthError ?? '']?.(scope)
  return new OktaFailure(kind, 'Okta refused the request for an access token', { status, oauthError, remedy })
}

function toAccessToken(answer: Record<string, unknown>, scope: string): AccessToken {
  const { access_token: value, token_type, expires_in, scope: granted = scope } = answer
  const { least, most } = LIFE_SECONDS
  const isToken = typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) // else it could not be in a header
  const isBearer = typeof token_type === 'string' && token_type.toLowerCase() === 'bearer'
  const rights = typeof granted === 'string' ? granted.split(' ') : []
  const isPoor = scope.split(' ').some((right) => !rights.includes(right))
  if (isToken && isBearer && typeof expires_in === 'number' && expires_in >= least)
    return { value, lifeMs: isPoor ? POOR_TOKEN_MS : Math.min(expires_in, most) * 1000 }
  throw new OktaFailure('bad-answer', 'Okta answered without an access token', { status: 200 })
}
