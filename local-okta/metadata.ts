/** The metadata of an authorization server: what Okta announces of it, and nothing that only oidc-provider has. */
import { CLAIMS, SCOPES } from './claims.js'
import type { Provider } from './oidc-provider.js'

const NOT_OKTA = [
  'authorization_response_iss_parameter_supported', // Okta sends no `iss` with a code, see `withoutIssuer`
  'claim_types_supported',
  'claims_parameter_supported',
  'request_uri_parameter_supported',
  'token_endpoint_auth_signing_alg_values_supported',
]
/** How clients prove themselves where client-authentication.ts reads it. */
const METHODS = ['client_secret_basic', 'client_secret_post', 'none']
const CLAIMS_OF_TOKENS = ['iss', 'aud', 'iat', 'exp', 'nonce', 'at_hash']

/**
 * Answers at both addresses of Okta's metadata: OpenID Connect Discovery, and RFC 8414.
 * Okta does not announce the custom scopes of a custom server, here `groups`.
 */
export function metadata(isCustom: boolean): Parameters<Provider['use']>[0] {
  const scopes = SCOPES.filter((scope) => !isCustom || scope !== 'groups')
  return async function metadata(ctx, next) {
    if (ctx.path === '/.well-known/oauth-authorization-server') ctx.path = '/.well-known/openid-configuration'
    await next()
    if (ctx.path !== '/.well-known/openid-configuration' || ctx.status !== 200) return
    const body = ctx.body as Record<string, unknown>
    for (const name of NOT_OKTA) delete body[name]
    Object.assign(body, {
      scopes_supported: scopes,
      claims_supported: [...CLAIMS_OF_TOKENS, ...scopes.flatMap((name) => claimsFor(name))],
      introspection_endpoint_auth_methods_supported: METHODS,
      revocation_endpoint_auth_methods_supported: METHODS,
      request_parameter_supported: false,
    })
  }
}

function claimsFor(scope: string): string[] {
  return scope in CLAIMS ? CLAIMS[scope as keyof typeof CLAIMS] : []
}

/** Takes the parameter `iss` (RFC 9207) from the answers to the app: Okta does not send it. */
export function withoutIssuer(issuer: string): Parameters<Provider['use']>[0] {
  const parameter = `&iss=${encodeURIComponent(issuer)}` // never the first one
  return async function withoutIssuer(ctx, next) {
    await next()
    const location = ctx.response.get('Location')
    if (location) ctx.set('Location', location.replace(parameter, ''))
    // In a page of `response_mode=form_post`.
    if (typeof ctx.body === 'string') ctx.body = ctx.body.replace(/<input type="hidden" name="iss"[^>]*>/, '')
  }
}
