/** How the token endpoint reads client id and secret in HTTP Basic. Providers differ in this. */
import type { RequestHandler } from 'express'

/**
 * `form-encoded`: both are decoded (RFC 6749 section 2.3.1). `literal`: the header is base64(id:secret), as Okta's guide
 * shows. With the ids and secrets that Okta makes this is the same.
 */
export type ClientAuthentication = 'form-encoded' | 'literal'

/** oidc-provider decodes both. So that it takes them literally, they are encoded before it reads them. */
export const takeLiterally: RequestHandler = function takeLiterally(req, _res, next) {
  const [, credentials] = /^Basic (.+)$/i.exec(req.headers.authorization ?? '') ?? []
  if (credentials !== undefined) {
    const [id = '', ...secret] = Buffer.from(credentials, 'base64').toString().split(':')
    const encoded = `${encodeURIComponent(id)}:${encodeURIComponent(secret.join(':'))}`
    req.headers.authorization = `Basic ${Buffer.from(encoded).toString('base64')}`
  }
  next()
}
