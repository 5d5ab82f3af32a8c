/** What the encrypted session cookie holds: no access token, and nothing that no page uses. */
import { randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Person } from './person.js'

export interface Session {
  /** 128 random bits; new at every sign-in. */
  id: string
  /** When the person signed in, in milliseconds since the epoch. */
  startedAt: number
  person: Person
  /** The ID token, packed: Okta ends its own session only for who shows it. null where it is too large to keep. */
  idToken: string | null
  /** When Okta wants the session to end at the latest (the `session_expiry` claim); the library sees to it. */
  sessionExpiresAt: number | undefined
}

/**
 * Characters of a packed ID token. Encrypted and in base64 it is a third longer; with it the session stays within
 * two cookies of 4,096 bytes, and below 8 KB together with those of sign-ins under way.
 */
const MAX_PACKED = 4000

export function createSession(
  person: Person,
  idToken: string,
  sessionExpiresAt: number | undefined,
): Session {
  const packed = pack(idToken)
  return {
    id: randomBytes(16).toString('base64url'),
    startedAt: Date.now(),
    person,
    idToken: packed.length > MAX_PACKED ? null : packed,
    sessionExpiresAt,
  }
}

/** Whether this is a session of ours: another app, or another version of this one, may have the same key. */
export function isSession(value: unknown): value is Session {
  const { id, startedAt, person } = Object(value) as Partial<Session>
  return typeof id === 'string' && Number.isFinite(startedAt) && typeof person?.subject === 'string'
}

export function idTokenOf(session: Session): string | undefined {
  return session.idToken === null ? undefined : unpack(session.idToken)
}

/** A JWT is base64 of three parts; deflating the parts themselves saves what base64 and repetition cost. */
function pack(jwt: string): string {
  const parts = jwt.split('.').map((part) => Buffer.from(part, 'base64url'))
  const lengths = Buffer.alloc(4)
  lengths.writeUInt16BE(parts[0]?.length ?? 0, 0)
  lengths.writeUInt16BE(parts[1]?.length ?? 0, 2)
  return deflateRawSync(Buffer.concat([lengths, ...parts])).toString('base64url')
}

function unpack(packed: string): string {
  const bytes = inflateRawSync(Buffer.from(packed, 'base64url'), { maxOutputLength: 128 * 1024 })
  const header = 4 + bytes.readUInt16BE(0)
  const payload = header + bytes.readUInt16BE(2)
  const parts = [bytes.subarray(4, header), bytes.subarray(header, payload), bytes.subarray(payload)]
  return parts.map((part) => part.toString('base64url')).join('.')
}
