/** Makes ID tokens, signed with Okta's key or with another one. */
import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto'
import type { LocalOkta } from '../../local-okta/server.js'

export type Json = Record<string, unknown>

export interface TokenParts {
  header: Json
  claims: Json
  /** The token as Okta signed it. */
  original: string
}

export const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json

export function signedWith(key: object, header: Json, claims: Json): string {
  const input = `${encode(header)}.${encode(claims)}`
  const privateKey = createPrivateKey({ key: key as JsonWebKey, format: 'jwk' })
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
}

/** Makes the token endpoint answer with what `forge` makes of each ID token. */
export function forgeIdTokens(okta: LocalOkta, forge: (parts: TokenParts) => unknown): void {
  okta.rewrite = (path, body) => {
    if (!path.endsWith('/token') || typeof body.id_token !== 'string') return body
    const [header = {}, claims = {}] = body.id_token.split('.').slice(0, 2).map(decode)
    return { ...body, id_token: forge({ header, claims, original: body.id_token }) }
  }
}

/** Adds claims to every ID token. Okta's key signs it. */
export function addClaims(okta: LocalOkta, more: Json): void {
  forgeIdTokens(okta, ({ header, claims }) => signedWith(okta.signingKey, header, { ...claims, ...more }))
}
