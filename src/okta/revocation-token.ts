/**
 * Verifies the token with which Okta proves that a request for Universal Logout is its own: a JWT of a type of its own,
 * made for one address and a few minutes.
 * https://developer.okta.com/docs/guides/oin-universal-logout-overview/
 * https://datatracker.ietf.org/doc/html/draft-parecki-oauth-global-token-revocation
 */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { AppConfig } from '../config.js'
import type { Log } from '../log.js'
import type { AuthorizationServer } from './authorization-server.js'
import { OktaFailure } from './failure.js'
import { createSigningKeys } from './signing-keys.js'

const TYPE = 'global-token-revocation+jwt'

/** How far Okta's clock and ours may be apart. */
const CLOCK_TOLERANCE_SECONDS = 5 * 60

/** Okta's tokens are good for five minutes to both sides of now. The second more is for times in whole seconds. */
const MAX_LIFE_SECONDS = 10 * 60 + 1

const MAX_ID_LENGTH = 255

/** The address to which Okta sends its requests, as it belongs into Okta's Admin Console. */
export function revocationEndpoint({ baseUrl }: Pick<AppConfig, 'baseUrl'>): string {
  return `${baseUrl}/global-token-revocation`
}

export interface RevocationToken {
  /** The claim `jti`. */
  id: string
  /** From then on the app refuses the token in any case. Milliseconds since the epoch. */
  expiresAtMs: number
}

/** The app refuses the token. `message` says why, for the log. */
export class RevocationTokenRefused extends Error {
  override name = 'RevocationTokenRefused'
}

export type RevocationTokens = ReturnType<typeof createRevocationTokens>

/**
 * The keys are fetched when the first token comes. They are apart from those for ID tokens, because anybody can send a
 * token here: so nobody can use up the look-ups that a sign-in may need.
 * @param parts.now milliseconds since the epoch
 */
export function createRevocationTokens(parts: {
  config: AppConfig
  authorizationServer: Pick<AuthorizationServer, 'metadata'>
  log: Log
  now: () => number
}) {
  const { config, authorizationServer, log, now } = parts
  const { oktaOrgUrl: org, oktaIssuer } = config
  const issuers = issuersOf(config)
  const orgKeys = createSigningKeys(log, now, 'signing keys of the org')
  const serverKeys = createSigningKeys(log, now, 'signing keys for Universal Logout')
  const sets = oktaIssuer === org ? [orgKeys] : [orgKeys, serverKeys]

  async function locateKeys(): Promise<void> {
    orgKeys.locate(`${org}/oauth2/v1/keys`)
    if (oktaIssuer === org) return
    // If the metadata is not known, the org's keys may do.
    const { jwks_uri } = await authorizationServer.metadata().catch(() => ({ jwks_uri: undefined }))
    if (jwks_uri !== undefined) serverKeys.locate(String(jwks_uri))
  }

  /** A key of either set. That a key is in neither is certain only if the app could ask for both. */
  const key: JWTVerifyGetKey = async (header, token) => {
    await locateKeys()
    return Promise.any(sets.map((set) => set.known(header, token)))
      .catch(() => Promise.any(sets.map((set) => set.key(header, token))))
      .catch(({ errors: reasons }: AggregateError) => {
        throw reasons.find((reason) => reason instanceof OktaFailure) ?? reasons[0]
      })
  }

  return {
    /**
     * @throws {RevocationTokenRefused} the token is not Okta's, not for this app, or not for now
     * @throws {OktaFailure} the signing keys cannot be fetched
     */
    async verify(token: string): Promise<RevocationToken> {
      const options = {
        typ: TYPE,
        algorithms: ['RS256'],
        issuer: issuers,
        audience: revocationEndpoint(config),
        requiredClaims: ['exp', 'jti'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(now()),
      }
      const { payload } = await jwtVerify(token, key, options).catch((error) => {
        if (!(error instanceof errors.JOSEError)) throw error // the signing keys could not be fetched
        throw new RevocationTokenRefused(error.message, { cause: error })
      })
      return checked(payload, now() / 1000)
    },
    close(): void {
      for (const set of sets) set.close()
    },
  }
}

/** What Okta may call itself: the org; the custom domain of the org, which is the issuer's origin; or the issuer. */
export function issuersOf({ oktaOrgUrl, oktaIssuer }: AppConfig): string[] {
  return [oktaOrgUrl, new URL(oktaIssuer).origin, oktaIssuer]
}

/** @param now seconds since the epoch @throws {RevocationTokenRefused} */
function checked({ aud, jti, exp = 0, iat, nbf }: JWTPayload, now: number): RevocationToken {
  // A list of one says the same (RFC 7519 section 4.1.3), and jjwt, a library of Okta's, writes each audience as a list.
  if (Array.isArray(aud) && aud.length !== 1) refuse('"aud" names others, too')
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_ID_LENGTH) refuse('"jti" is no id')
  const begin = iat ?? nbf
  if (begin === undefined) refuse('neither "iat" nor "nbf" is there')
  if (begin > now + CLOCK_TOLERANCE_SECONDS) refuse('"iat" is in the future')
  if (exp - begin > MAX_LIFE_SECONDS) refuse('it is good for more than ten minutes')
  return { id: jti, expiresAtMs: (exp + CLOCK_TOLERANCE_SECONDS) * 1000 }
}

function refuse(reason: string): never {
  throw new RevocationTokenRefused(reason)
}
