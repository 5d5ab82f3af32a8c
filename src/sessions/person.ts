/** Who signed in, as the ID token said at sign-in. What Okta says now is in `users/directory.ts`. */
export interface Person {
  /** The ID token's `sub`: the id of the Okta user. */
  subject: string
  /** The best short name the ID token offers; the org's own authorization server sends a thin token. */
  firstName: string | null
}

/** Characters of a name; more would not fit into the session cookie. */
const MAX_LENGTH = 100

/** @param claims of a verified ID token */
export function personFromClaims(claims: Readonly<Record<string, unknown>>): Person {
  const text = (claim: string) =>
    (typeof claims[claim] === 'string' && claims[claim].slice(0, MAX_LENGTH)) || null
  return {
    subject: String(claims.sub),
    firstName: text('given_name') ?? text('name')?.split(' ')[0] ?? text('preferred_username'),
  }
}
