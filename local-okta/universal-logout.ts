/**
 * Universal Logout, as Okta sends it when an administrator ends a person's sessions: a request to the app, with a token
 * that the org has signed. https://developer.okta.com/docs/guides/oin-universal-logout-overview/
 */
import { createPrivateKey, type JsonWebKey, randomUUID, sign } from 'node:crypto'
import type { JWK } from './oidc-provider.js'
import type { LocalPerson } from './people.js'

const LIFE_SECONDS = 5 * 60

/** How a request shall differ from Okta's. A member that is `undefined` is left out. */
export interface UniversalLogoutChanges {
  /** How the request names the person. By default by issuer and subject. Okta's own default is the e-mail address. */
  format?: 'iss_sub' | 'email' | 'opaque'
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  /** Signs the token's first two parts, in base64url. By default with the org's key. */
  sign?: (input: string) => string
  /** By default `{ sub_id }`; a text is sent as it is. */
  body?: unknown
  method?: string
  headers?: Record<string, string | undefined>
  /** By default the app's address, which is also the audience of the token. */
  url?: string
  /** Sends the request; by default the global `fetch`. */
  fetch?: (url: string, init: RequestInit & { headers: Record<string, string> }) => Promise<Response>
}

export interface UniversalLogoutParts {
  orgUrl: string
  /** The endpoint of the app; `undefined` while the org has no app. */
  endpoint(): string | undefined
  signingKey(): JWK
  skewSeconds(): number
}

export type SendUniversalLogout = (
  person: Pick<LocalPerson, 'id' | 'profile'>,
  changes?: UniversalLogoutChanges,
) => Promise<Response>

export function createUniversalLogout(parts: UniversalLogoutParts): SendUniversalLogout {
  return async function sendUniversalLogout(person, changes = {}) {
    const { method = 'POST', format = 'iss_sub', fetch: send = fetch } = changes
    const endpoint = parts.endpoint()
    const now = Math.floor(Date.now() / 1000) + parts.skewSeconds()
    const claims = {
      iss: parts.orgUrl,
      sub: parts.orgUrl,
      aud: endpoint,
      jti: randomUUID(),
      iat: now,
      nbf: now,
      exp: now + LIFE_SECONDS,
      ...changes.claims,
    }
    const { kid } = parts.signingKey()
    const header = { alg: 'RS256', typ: 'global-token-revocation+jwt', kid, ...changes.header }
    const input = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const signature = (changes.sign ?? signer(parts.signingKey()))(input)
    const { body = { sub_id: subject(person, format, parts.orgUrl) } } = changes
    const headers = {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      Connection: 'close', // the app may have restarted before the next one
      Authorization: `Bearer ${input}.${signature}`,
      ...changes.headers,
    }
    return send(changes.url ?? String(endpoint), {
      method,
      redirect: 'manual',
      headers: JSON.parse(JSON.stringify(headers)),
      ...(method !== 'GET' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  }
}

/** @param key a private RSA key */
export function signer(key: JWK): (input: string) => string {
  const privateKey = createPrivateKey({ key: key as JsonWebKey, format: 'jwk' })
  return (input) => sign('sha256', Buffer.from(input), privateKey).toString('base64url')
}

function subject(
  { id, profile: { email } }: Pick<LocalPerson, 'id' | 'profile'>,
  format: 'iss_sub' | 'email' | 'opaque',
  iss: string,
) {
  return { iss_sub: { format, iss, sub: id }, email: { format, email }, opaque: { format, id } }[format]
}
