/** Okta's authorization server: its metadata, its signing keys, its token endpoint, and whether each of them works. */
import type { JWTVerifyGetKey } from 'jose'
import type { Log } from '../log.js'
import { isLoopback } from '../setting-values.js'
import { OktaFailure, statusFailure } from './failure.js'
import { boundedFetch, fetchDocument, parseObject } from './fetch.js'
import { keepFresh } from './fresh-document.js'
import { createHealth } from './health.js'
import { oauthErrorIn } from './oauth-error.js'
import { createSigningKeys } from './signing-keys.js'

/** How long the token endpoint may take. A person waits for it, but the app can send a code only once. */
const TOKEN_TIMEOUT_MS = 4500

/** How long a sign-out waits to learn whether Okta answers. */
const ANSWERS_TIMEOUT_MS = 1000

/** If Okta's clock and ours differ by more, the operator should know. A `Date` header is right to a second or two. */
export const NOTEWORTHY_SKEW_SECONDS = 20

export type AuthorizationServer = ReturnType<typeof createAuthorizationServer>

/**
 * @param issuer the server's issuer URL
 * @param now milliseconds since the epoch
 */
export function createAuthorizationServer(issuer: string, log: Log, now: () => number) {
  /** The address of the metadata (OpenID Connect Discovery section 4). */
  const discoveryUrl = `${issuer}/.well-known/openid-configuration`
  const tokenEndpoint = createHealth('token endpoint', log)
  const clock = createHealth('clock', log)
  const keys = createSigningKeys(log, now)
  const metadata = keepFresh(discover, createHealth('discovery', log), now)

  async function discover(): Promise<Record<string, unknown>> {
    const { document, response } = await fetchDocument(discoveryUrl)
    compareClocks(response)
    refuseUnsafe(document, issuer)
    keys.locate(String(document.jwks_uri))
    return document
  }

  function compareClocks(response: Response): void {
    const skew = clockSkew(response, Date.now())
    if (!skew) return
    if (skew.apart > NOTEWORTHY_SKEW_SECONDS) clock.fails(new OktaFailure('clock', skew.message))
    else clock.works()
  }

  /** Like `key` in `signing-keys.ts`. @throws {OktaFailure} also when the metadata is not known */
  const key: JWTVerifyGetKey = async (header, token) => {
    await metadata.get()
    return keys.key(header, token)
  }

  return {
    discoveryUrl,
    key,
    refreshKeys: keys.lookUpAgain,
    /** @throws {OktaFailure} the metadata is not known; at once until the next try */
    metadata: metadata.get,
    /**
     * Sends a request to the token endpoint.
     * @returns the answer with the tokens, or with the refusal of the code (`invalid_grant`)
     * @throws {OktaFailure} Okta gave another answer, or none
     */
    async requestTokens(url: string, init: RequestInit): Promise<Response> {
      try {
        const { response, text } = await boundedFetch(url, init, AbortSignal.timeout(TOKEN_TIMEOUT_MS))
        compareClocks(response)
        refuseNoTokens(response, text)
        tokenEndpoint.works()
        return response
      } catch (error) {
        tokenEndpoint.fails(error as OktaFailure)
        throw error
      }
    },
    /** Names what a sign-in needs and the app does not know yet. Does not ask Okta. */
    missing(): string[] {
      const isKnown = { discovery: metadata.current(), 'signing keys': keys.areKnown() }
      return Object.entries(isKnown).flatMap(([name, known]) => (known ? [] : name))
    },
    /** Asks the server, and waits a second at most. @returns whether it answers, and not with a 5xx */
    async answers(): Promise<boolean> {
      try {
        const signal = AbortSignal.timeout(ANSWERS_TIMEOUT_MS)
        const { response } = await boundedFetch(discoveryUrl, { method: 'HEAD' }, signal)
        return response.status < 500
      } catch {
        return false
      }
    },
    close(): void {
      metadata.close()
      keys.close()
    },
  }
}

/**
 * How far Okta's clock is from ours, in seconds and in words; `undefined` if the answer has no time.
 * @param now milliseconds since the epoch
 */
export function clockSkew({ headers }: Response, now: number) {
  const ahead = Math.round((Date.parse(headers.get('date') ?? '') - now) / 1000)
  if (Number.isNaN(ahead) || headers.has('age')) return undefined // a cache may keep an answer, with its time
  const apart = Math.abs(ahead)
  return { apart, message: `Okta’s clock is ${apart} s ${ahead > 0 ? 'ahead of' : 'behind'} ours` }
}

/**
 * The metadata must name our issuer (OpenID Connect Discovery section 4.3), PKCE with S256, and endpoints behind https.
 * @throws {OktaFailure} it does not
 */
function refuseUnsafe(document: Record<string, unknown>, issuer: string): void {
  if (typeof document.issuer !== 'string') throw new OktaFailure('bad-answer', 'This is no metadata')
  const refuse = (why: string): never => {
    throw new OktaFailure('config', `The metadata of the authorization server ${why}`)
  }
  if (document.issuer !== issuer) refuse('names another issuer than OKTA_ISSUER')
  const methods = document.code_challenge_methods_supported
  if (!Array.isArray(methods) || !methods.includes('S256')) {
    refuse('does not announce PKCE with S256 (RFC 9700 section 2.1)')
  }
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
    if (!isSafeUrl(document[name], issuer)) refuse(`has no ${name} behind https`)
  }
}

/** Throws if Okta or the settings are at fault. A refused code is no such fault: the library gets that answer. */
function refuseNoTokens({ status, headers }: Response, text: string): void {
  if (status >= 400 && status < 500 && status !== 429) refuseUnlessCode(status, text)
  else if (status !== 200) throw statusFailure(status, headers)
  else refuseOtherThanTokens(text)
}

function refuseOtherThanTokens(text: string): void {
  const { access_token, id_token, token_type, expires_in = 0 } = parseObject(text)
  const areTexts = [access_token, id_token, token_type].every((value) => typeof value === 'string')
  if (areTexts && String(token_type).toLowerCase() === 'bearer' && typeof expires_in === 'number') return
  throw new OktaFailure('bad-answer', 'The token endpoint answered without tokens', { status: 200 })
}

/**
 * Throws, unless Okta has refused the code. Providers refuse with 400, 401 or 403. The `error` in the answer says more
 * than the status (RFC 6749 section 5.2).
 */
function refuseUnlessCode(status: number, text: string): void {
  const oauthError = oauthErrorIn(text)
  if (oauthError === 'invalid_grant') return
  const isClient = status === 401 || oauthError === 'invalid_client' || oauthError === 'unauthorized_client'
  const kind = isClient ? 'client-credential' : oauthError ? 'request-refused' : 'bad-answer'
  throw new OktaFailure(kind, 'Okta refused the request for tokens', { status, oauthError })
}

/** Whether an endpoint is behind https. Only an issuer on this machine, behind http, may have endpoints behind http. */
function isSafeUrl(value: unknown, issuer: string): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname) && issuer.startsWith('http:'))
}
