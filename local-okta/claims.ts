/** Okta's scopes, and what Okta says about a person for each: in ID tokens and at the userinfo endpoint. */
import { randomBytes } from 'node:crypto'
import { type LocalPerson, nameOf } from './people.js'

/** The claims of each scope. Okta leaves out those for which the profile has no value. */
export const CLAIMS = {
  openid: ['sub', 'ver', 'jti', 'amr', 'idp', 'auth_time', 'preferred_username'],
  profile: ['name', 'given_name', 'family_name', 'locale', 'zoneinfo', 'updated_at'],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number'],
  groups: ['groups'],
}

/** A new custom server in Okta has no scope `groups`. In this org an administrator has added it, with its claim. */
export const SCOPES = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access', 'groups']

export interface SignedIn {
  person: LocalPerson
  groups: string[]
  authTime: number | undefined
}

/** @param use `userinfo` or `id_token` */
export function claimsOf({ person, groups, authTime }: SignedIn, use: string, scope: string) {
  const { profile } = person
  const login = { preferred_username: profile.login }
  const aboutTheSignIn = {
    ver: 1,
    jti: `ID.${randomBytes(24).toString('base64url')}`,
    amr: ['pwd'],
    idp: '00o00000000000000001',
    auth_time: authTime,
    ...login,
  }
  return {
    sub: person.id,
    ...(use !== 'userinfo' ? aboutTheSignIn : scope.split(' ').includes('profile') && login),
    name: nameOf(person),
    given_name: profile.firstName,
    family_name: profile.lastName,
    locale: profile.locale ?? 'en_US',
    zoneinfo: profile.timezone ?? 'America/Los_Angeles',
    updated_at: 1_700_000_000,
    email: profile.email,
    email_verified: true,
    address: profile.streetAddress ? { street_address: profile.streetAddress } : undefined,
    phone_number: profile.primaryPhone ?? undefined,
    groups,
  }
}
