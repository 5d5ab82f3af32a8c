/** How the endpoints read client id and secret. Providers differ in how they read HTTP Basic. */
import type { Request, RequestHandler } from 'express'
import type { Provider } from './oidc-provider.js'
import { OWN_PAGES } from './okta-words.js'

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

type Client = NonNullable<Awaited<ReturnType<Provider['Client']['find']>>>

/** Okta's answer to a client that it does not accept: the `error_description` of `invalid_client`. */
export class ClientRefused extends Error {}

/** Finds the client that sends a request to /introspect or /revoke, and checks its secret, as at the token endpoint. */
export async function authenticate(provider: Provider, req: Request): Promise<Client> {
  const body = (req.body ?? {}) as Record<string, unknown>
  const [, basic] = /^Basic (.+)$/i.exec(req.headers.authorization ?? '') ?? []
  const [id = '', ...rest] = Buffer.from(basic ?? '', 'base64')
    .toString()
    .split(':')
  const given = basic
    ? { id: decoded(id), secret: decoded(rest.join(':')) }
    : { id: String(body.client_id ?? ''), secret: String(body.client_secret ?? '') }
  if (!given.id) throw new ClientRefused('No client credentials found.')
  const client = await provider.Client.find(given.id)
  if (!client) throw new ClientRefused(OWN_PAGES.client)
  if (client.clientAuthMethod === 'none') return client
  if (!given.secret || !(await client.compareClientSecret(given.secret))) {
    throw new ClientRefused('The client secret supplied for a confidential client is invalid.')
  }
  return client
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '))
  } catch {
    return ''
  }
}

/** Whether a script of `origin` may call the endpoints: that of an app may whose redirect URI is there. */
export function mayCall(origin: string, redirectUris: readonly string[] | undefined): boolean {
  return (redirectUris ?? []).some((uri) => URL.canParse(uri) && new URL(uri).origin === origin)
}
