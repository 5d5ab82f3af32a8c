/** What the app knows of a person from Okta's Users API, and the interface for asking. */
import type { OktaFailure } from '../okta/failure.js'

/** The fields of the Okta profile that the app reads, and shares through Redis. What is not named here stays in Okta. */
export const PROFILE_FIELDS = ['firstName', 'lastName', 'login', 'email'] as const

type ProfileField = (typeof PROFILE_FIELDS)[number]
export type Profile = Record<ProfileField, string | null>

/** An Okta user, reduced to what the pages may show. A field that Okta does not know is null. */
export interface User extends Profile {
  id: string
  /** ACTIVE, SUSPENDED, … (Okta's user lifecycle). */
  status: string
  lastLogin: Date | null
  /**
   * Of the groups that pages ask for: the names of those that have the person, or why Okta does not tell. `undefined` if
   * no page asks for a group.
   */
  groups?: readonly string[] | OktaFailure
  /** When Okta was asked, in milliseconds since the epoch, if it was another instance that asked. */
  askedAt?: number
  /** null for a current record. For a last-known record: when the app asked Okta for it. */
  lastKnownAt: Date | null
}

/** @param textOf gives the text of a field, or null */
export function profileOf(textOf: (field: ProfileField) => string | null): Profile {
  return Object.fromEntries(PROFILE_FIELDS.map((field) => [field, textOf(field)])) as Profile
}

/** The time that a text or a `Date` names, or null. */
export function dateIn(value: unknown): Date | null {
  const date = value instanceof Date ? value : new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date
}

export interface UserDirectory {
  /**
   * @param id the ID token's `sub`
   * @returns the user if the directory knows the answer already, else a promise
   * @throws {UserNotFound} Okta has no such user
   * @throws {OktaFailure} Okta does not answer, and there is no last-known record
   */
  find(id: string): User | Promise<User>
}

export class UserNotFound extends Error {
  override name = 'UserNotFound'
}

/** The states of accounts that may enter. A lock-out or an expired password matters at the next sign-in at Okta. */
const MAY_ENTER = new Set(['ACTIVE', 'PASSWORD_EXPIRED', 'RECOVERY', 'LOCKED_OUT'])

/** Whether an account in this state may enter. */
export function mayEnter(user: User): boolean {
  return MAY_ENTER.has(user.status)
}
