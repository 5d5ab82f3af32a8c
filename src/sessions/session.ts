/** A session: who signed in, and what the app needs to sign them out. It holds no access token. */
import { randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Who signed in, as the ID token said at sign-in. `users/user.ts` has what the Users API says now. */
export interface Person {
  /** The ID token's `sub`: the id of the Okta user. */
  subject: string
  /** The best short name in the ID token; null if there is none, as from the org's own authorization server. */
  firstName: string | null
}

export interface Session {
  /** 128 random bits; new at every sign-in. */
  id: string
  /** When the person signed in, in milliseconds since the epoch. */
  startedAt: number
  person: Person
  /** The ID token, packed, for the sign-out at Okta. `null` if it is too large to keep. */
  idToken: string | null
  /** When Okta wants the session to end at the latest: the `session_expiry` claim, in seconds since the epoch. */
  sessionExpiresAt: number | undefined
}

/** A longer name is cut, so that the session cookie has room for it. */
const MAX_NAME_LENGTH = 100

/**
 * The most characters of a packed ID token. Encryption and base64 make it a third longer, and the session must fit into
 * two cookies of 4,096 bytes.
 */
const MAX_PACKED_LENGTH = 4000

/** Longer ID tokens are not kept: a packed ID token has two bytes for the length of each part. */
const MAX_ID_TOKEN_LENGTH = 65_535

/**
 * @param claims the claims of a verified ID token
 * @param idToken the same ID token as Okta sent it
 * @param sessionExpiresAt the `session_expiry` claim, in seconds since the epoch
 * @param startedAt now, in milliseconds since the epoch
 */
export function createSession(
  claims: Readonly<Record<string, unknown>>,
  idToken: string,
  sessionExpiresAt: number | undefined,
  startedAt: number,
): Session {
  const packed = idToken.length > MAX_ID_TOKEN_LENGTH ? undefined : pack(idToken)
  return {
    id: randomBytes(16).toString('base64url'),
    startedAt,
    person: personFromClaims(claims),
    idToken: packed === undefined || packed.length > MAX_PACKED_LENGTH ? null : packed,
    sessionExpiresAt,
  }
}

/** Whether a value is a session as this version of the app makes it. Other versions may use the same key. */
export function isSession(value: unknown): value is Session {
  const { id, startedAt, person, idToken } = Object(value) as Partial<Session>
  const areTexts = [id, person?.subject, idToken ?? ''].every((text) => typeof text === 'string')
  return areTexts && idToken !== undefined && Number.isFinite(startedAt)
}

/** The ID token as Okta sent it; `undefined` if it was too large to keep. */
export function idTokenOf({ idToken }: Session): string | undefined {
  return idToken === null ? undefined : unpack(idToken)
}

function personFromClaims(claims: Readonly<Record<string, unknown>>): Person {
  const text = (claim: string) =>
    (typeof claims[claim] === 'string' && claims[claim].slice(0, MAX_NAME_LENGTH)) || null
  return {
    subject: String(claims.sub),
    firstName: text('given_name') ?? text('name')?.split(' ')[0] ?? text('preferred_username'),
  }
}

/** A JWT is three parts in base64. Decoded and deflated, the parts take less room. */
function pack(jwt: string): string {
  const parts = jwt.split('.').map((part) => Buffer.from(part, 'base64url'))
  const lengths = Buffer.alloc(4)
  lengths.writeUInt16BE(parts[0]?.length ?? 0, 0)
  lengths.writeUInt16BE(parts[1]?.length ?? 0, 2)
  return deflateRawSync(Buffer.concat([lengths, ...parts])).toString('base64url')
}

function unpack(packed: string): string {
  const bytes = inflateRawSync(Buffer.from(packed, 'base64url'), { maxOutputLength: MAX_ID_TOKEN_LENGTH })
  const header = 4 + bytes.readUInt16BE(0)
  const payload = header + bytes.readUInt16BE(2)
  const parts = [bytes.subarray(4, header), bytes.subarray(header, payload), bytes.subarray(payload)]
  return parts.map((part) => part.toString('base64url')).join('.')
}
