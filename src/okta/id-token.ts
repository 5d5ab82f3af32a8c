/**
 * Verifies an ID token: signature and claims (OpenID Connect Core section 3.1.3.7). express-openid-connect 3.4.0 checks
 * nonce, issuer and audience, but never the signature: in the code flow it trusts TLS.
 */
import { hash } from 'node:crypto'
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'

/** `exp` and `nbf`: how far Okta's clock and ours may be apart. */
const CLOCK_TOLERANCE_SECONDS = 60

/** `iat`: a token from further in the future, or an older one, was not made for this sign-in. */
const IAT_AHEAD_SECONDS = 300
const IAT_AGE_SECONDS = 24 * 60 * 60

/** How long before a fresh sign-in began the person may have signed in at Okta: clocks count whole seconds. */
const FRESH_LEEWAY_SECONDS = 5

/** Okta's user ids have 20 letters and digits. "me" is refused: for the Users API it is the owner of the API token. */
const USER_ID = /^(?!me$)[A-Za-z0-9_-]{1,100}$/

/** Whether a value may be the id of an Okta user. Okta puts this id into `sub`. */
export function isUserId(value: unknown): value is string {
  return typeof value === 'string' && USER_ID.test(value)
}

/** The Users API finds people by the id in `sub`. */
const SUBJECT_REMEDY =
  'OKTA_ISSUER must be an authorization server of Okta that puts the id of the Okta user into the claim "sub"'

/** As OpenID IPSIE SL1 wants it. Some other providers send a list with one client ID in it. */
const AUDIENCE_REMEDY =
  'OKTA_ISSUER must be an authorization server of Okta, whose claim "aud" is the client ID and no list'

/** The app refuses the ID token. `message` says why, for the log. */
export class IdTokenRefused extends Error {
  override name = 'IdTokenRefused'
  /** Okta's clock and ours do not agree: the token is from the future, or had expired when it arrived. */
  readonly byTheClock: boolean
  /** What the operator can do, if the next ID token would be refused, too. */
  readonly remedy: string | undefined

  constructor(message: string, options: { cause?: unknown; byTheClock?: boolean; remedy?: string } = {}) {
    super(message, { cause: options.cause })
    this.byTheClock = options.byTheClock ?? false
    this.remedy = options.remedy
  }
}

export interface IdTokenExpectations {
  issuer: string
  clientId: string
  key: JWTVerifyGetKey
  /** Fetches the signing keys once more; false if that has been done too often. */
  refreshKeys: () => Promise<boolean>
  /** When this sign-in began, if the person had to sign in afresh. Seconds since the epoch, by our clock. */
  freshSince?: number | undefined
}

/**
 * @param accessToken the access token that came with the ID token; checked if the ID token has `at_hash`
 * @returns the claims
 * @throws {IdTokenRefused} the ID token is not valid
 * @throws what `key` throws if the signing keys cannot be fetched
 */
export async function verifyIdToken(
  idToken: string,
  accessToken: string | undefined,
  expectations: IdTokenExpectations,
): Promise<JWTPayload & { sub: string }> {
  const { issuer, clientId, key, refreshKeys, freshSince } = expectations
  const now = Math.floor(Date.now() / 1000)
  const verify = () =>
    jwtVerify(idToken, key, {
      issuer,
      audience: clientId,
      algorithms: ['RS256'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'iat', 'exp'],
    })
  const { payload } = await verify()
    .catch(async (error) => {
      const isBadSignature = error instanceof errors.JWSSignatureVerificationFailed
      if (isBadSignature && (await refreshKeys())) return verify() // Okta may have a new key under an old `kid`
      throw error
    })
    .catch((error) => {
      if (!(error instanceof errors.JOSEError)) throw error // the signing keys could not be fetched
      throw new IdTokenRefused(error.message, { cause: error, byTheClock: isAboutTime(error) })
    })
  const { sub, iat = 0, aud, azp, at_hash: atHash, auth_time: authTime } = payload
  if (!isUserId(sub)) refuse('"sub" is not the id of an Okta user', { remedy: SUBJECT_REMEDY })
  if (iat > now + IAT_AHEAD_SECONDS) refuse('"iat" is in the future', { byTheClock: true })
  if (iat < now - IAT_AGE_SECONDS) refuse('"iat" is more than a day ago', { byTheClock: true })
  if (typeof aud !== 'string') refuse('"aud" is a list', { remedy: AUDIENCE_REMEDY })
  if (azp !== undefined && azp !== clientId) refuse('"azp" is another client')
  if (atHash !== undefined && atHash !== hashOf(accessToken ?? ''))
    refuse('"at_hash" is of another access token')
  // Both times are by Okta's clock, which may differ from ours.
  const signedInAgo = iat - Number(authTime)
  if (freshSince !== undefined && !(signedInAgo <= now - freshSince + FRESH_LEEWAY_SECONDS))
    refuse('"auth_time" is of an earlier sign-in')
  return { ...payload, sub }
}

function refuse(reason: string, options: { byTheClock?: boolean; remedy?: string } = {}): never {
  throw new IdTokenRefused(reason, options)
}

function isAboutTime(error: errors.JOSEError): boolean {
  if (error instanceof errors.JWTExpired) return true
  if (!(error instanceof errors.JWTClaimValidationFailed)) return false
  return error.claim === 'nbf' && error.reason === 'check_failed'
}

/** The `at_hash` of an access token for RS256: the left half of the SHA-256 (OpenID Connect Core section 3.1.3.6). */
function hashOf(accessToken: string): string {
  return hash('sha256', accessToken, 'buffer').subarray(0, 16).toString('base64url')
}
