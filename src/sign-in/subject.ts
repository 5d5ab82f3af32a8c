/** Whom Okta means in a request for Universal Logout (RFC 9493, Subject Identifiers for Security Event Tokens). */
import { isUserId } from '../okta/id-token.js'

export type Subject = { id: string } | { email: string }

/** An address is no longer (RFC 5321 section 4.5.3.1). */
const E_MAIL = /^[^\p{Cc}\s@][^\p{Cc}]{0,252}@[^\p{Cc}\s@]{1,253}$/u

/**
 * @param body the JSON of the request. The subject is `sub_id`, or `subject` in older drafts
 * @param issuers what Okta may call itself
 * @returns `undefined` if the body names no subject of this org in a known format
 */
export function subjectIn(body: unknown, issuers: readonly string[]): Subject | undefined {
  const { sub_id, subject } = Object(body) as Record<string, unknown>
  const { format, iss, sub, id, email } = Object(sub_id ?? subject) as Record<string, unknown>
  if (format === 'iss_sub' && issuers.some((issuer) => issuer === iss) && isUserId(sub)) return { id: sub }
  if (format === 'opaque' && isUserId(id)) return { id }
  if (format === 'email' && typeof email === 'string' && E_MAIL.test(email)) return { email }
  return undefined
}
