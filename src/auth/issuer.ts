/**
 * The authorization server as far as it has told us: its metadata and its signing keys. The library talks to it
 * through `fetch` here, so that both know the same; what an ID token must say is up to `id-token.ts`.
 */
import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import { isLoopback } from '../config.js'

const HTTP_TIMEOUT_MS = 5000

/** An unknown key is looked up at once (Okta rotates without notice), but strangers do not get to hammer Okta. */
const KEY_LOOKUPS_PER_MINUTE = 6

export interface Issuer {
  /** To be used for every request to the authorization server. */
  fetch: typeof fetch
  /**
   * The key that signed a token, by its `kid`. A key that is not known yet is looked up once.
   * @throws {JWKSNoMatchingKey} of jose, also when looking up is paused
   * @throws what `fetch` throws when the keys cannot be had
   */
  key: JWTVerifyGetKey
  /** Whether the authorization server answers just now; asks it, for a second at most. */
  answers(): Promise<boolean>
}

/** The metadata that we rely on is missing or unsafe: a fault of the authorization server or of `OKTA_ISSUER`. */
export class UnusableIssuer extends Error {
  override name = 'UnusableIssuer'
}

export function createIssuer(issuer: string, now: () => number = () => Date.now()): Issuer {
  const discoveryUrl = `${issuer}/.well-known/openid-configuration`
  let keys: { url: string; set: ReturnType<typeof createRemoteJWKSet> } | undefined
  let lookups: number[] = []

  async function fetchBounded(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const response = await fetch(input, { signal: AbortSignal.timeout(HTTP_TIMEOUT_MS), ...init })
    if (String(input) === discoveryUrl && response.status === 200) adopt(await response.clone().json())
    return response
  }

  /** Takes over what discovery says, or refuses to go on with it (OpenID Connect Discovery section 4.3). */
  function adopt(metadata: unknown): void {
    const known = Object(metadata) as Record<string, unknown>
    const methods = known.code_challenge_methods_supported
    if (!Array.isArray(methods) || !methods.includes('S256')) {
      throw new UnusableIssuer(
        'The authorization server does not announce PKCE with S256 (RFC 9700 section 2.1)',
      )
    }
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
      if (!isSafeUrl(known[name]))
        throw new UnusableIssuer(`The authorization server has no ${name} behind https`)
    }
    const url = String(known.jwks_uri)
    if (keys?.url === url) return
    const set = createRemoteJWKSet(new URL(url), { cooldownDuration: 0, [customFetch]: fetchKeys })
    keys = { url, set }
  }

  function fetchKeys(url: string, init: RequestInit): Promise<Response> {
    lookups = [...lookups.filter((at) => at > now() - 60_000), now()]
    return fetchBounded(url, init)
  }

  return {
    fetch: fetchBounded,
    async answers() {
      try {
        const response = await fetch(discoveryUrl, { method: 'HEAD', signal: AbortSignal.timeout(1000) })
        return response.status < 500
      } catch {
        return false
      }
    },
    async key(header, token) {
      if (!keys) throw new UnusableIssuer('The metadata of the authorization server is not known yet')
      const recent = lookups.filter((at) => at > now() - 60_000)
      // Looking a key up counts as one; without the right to, only the keys at hand are asked.
      if (recent.length < KEY_LOOKUPS_PER_MINUTE) return keys.set(header, token)
      return createLocalJWKSet(keys.set.jwks() ?? { keys: [] })(header, token)
    },
  }
}

function isSafeUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}
