/** One of the org's two authorization servers: oidc-provider at Okta's paths, with Okta's claims and refusals. */
import type { EventEmitter } from 'node:events'
import { issueJwtAccessTokens } from './access-tokens.js'
import { authorizeRules } from './authorize-rules.js'
import { CLAIMS, claimsOf, SCOPES } from './claims.js'
import { mayCall } from './client-authentication.js'
import { metadata, withoutIssuer } from './metadata.js'
import { type AdapterFactory, type Configuration, errors, Provider } from './oidc-provider.js'
import { OWN_PAGES } from './okta-words.js'
import { type OutgoingParts, outgoing } from './outgoing.js'
import { forTheDeveloper } from './pages.js'
import { maySignIn } from './people.js'
import { type SignInPolicyParts, signInPolicy } from './sign-in-policy.js'

const HOUR = 60 * 60
const WEEK = 7 * 24 * HOUR
/** What oidc-provider says in other words. */
const OKTAS_WORDS: Record<string, string> = {
  invalid_redirect_uri: OWN_PAGES.redirectUri,
  invalid_client: OWN_PAGES.client,
}

export interface AuthorizationServerParts extends OutgoingParts, SignInPolicyParts {
  issuer: string
  /** The path of the endpoints below the issuer: a custom server has `/v1`, the org's own has `/oauth2/v1`. */
  endpoints: '/v1' | '/oauth2/v1'
  /** The org's own server keeps profile claims out of the ID token. */
  thinIdTokens: boolean
  storage: AdapterFactory
  cookieKey: string
  /** The path of the page on which the person picks who they are. */
  signInPath(uid: string): string
  errorPage(title: string, detail?: string): string
  /** Whether the app asks that each sign-in uses PKCE. */
  needsPkce(clientId: string): boolean
  /** The names of the person's groups. */
  groupsOf(personId: string): string[]
}

export function createAuthorizationServer(parts: AuthorizationServerParts): Provider {
  const { endpoints, person, groupsOf } = parts
  const isCustom = endpoints === '/v1'
  const configuration: Configuration = {
    adapter: parts.storage,
    jwks: { keys: [parts.signingKey] },
    routes: {
      authorization: `${endpoints}/authorize`,
      token: `${endpoints}/token`,
      jwks: `${endpoints}/keys`,
      userinfo: `${endpoints}/userinfo`,
      end_session: `${endpoints}/logout`,
      revocation: `${endpoints}/revoke`,
      introspection: `${endpoints}/introspect`,
    },
    cookies: {
      names: { session: 'local-okta-sid', interaction: 'local-okta-step', resume: 'local-okta-resume' },
      keys: [parts.cookieKey],
    },
    scopes: SCOPES,
    claims: CLAIMS,
    conformIdTokenClaims: parts.thinIdTokens,
    findAccount: (ctx, id, token) => {
      const found = person(id)
      const { authTime, kind } = (token ?? {}) as { authTime?: number; kind?: string }
      if (!found) return undefined
      const admission = { person: found, clientId: ctx.oidc.client?.clientId ?? '', scopes: [] }
      if (kind === 'RefreshToken' && !(maySignIn(found) && parts.isAssigned(admission))) return undefined
      const about = { person: found, groups: groupsOf(id), authTime }
      return { accountId: id, claims: (use, scope) => claimsOf(about, use, scope) }
    },
    interactions: {
      url: (_ctx, interaction) => parts.signInPath(interaction.uid),
      policy: signInPolicy(parts),
    },
    async loadExistingGrant(ctx) {
      // The administrator of the org has consented for everybody.
      const { client, session } = ctx.oidc
      if (!client || !session?.accountId) return undefined
      const grant = new ctx.oidc.provider.Grant({
        clientId: client.clientId,
        accountId: session.accountId,
      })
      grant.addOIDCScope(SCOPES.join(' '))
      await grant.save()
      return grant
    },
    renderError(ctx, out) {
      ctx.type = 'html'
      const reason = OKTAS_WORDS[out.error] ?? out.error_description ?? out.error
      ctx.body = parts.errorPage(OWN_PAGES.title, forTheDeveloper(reason))
    },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      dPoP: { enabled: false },
      // token-endpoints.ts answers these two, in Okta's words.
      introspection: { enabled: true },
      revocation: { enabled: true },
      // Only announces the endpoint: sign-out.ts answers it, without the click that oidc-provider would ask for.
      rpInitiatedLogout: { enabled: true },
    },
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: 60,
      ClientCredentials: HOUR,
      Grant: WEEK,
      IdToken: HOUR,
      Interaction: HOUR,
      RefreshToken: WEEK,
      Session: 2 * HOUR,
    },
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'none',
    ],
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims) => {
      const isForThis = claims.aud === `${parts.issuer}${endpoints}/token`
      const secondsLeft = Number(claims.exp) - Date.now() / 1000
      const isInTime = secondsLeft > 0 && secondsLeft <= HOUR
      if (!isForThis || !isInTime) throw new errors.InvalidClientAuth('not for this endpoint, or not now')
    },
    enabledJWA: { idTokenSigningAlgValues: ['RS256'] },
    responseTypes: ['code'],
    pkce: { required: () => false }, // authorizeRules asks for it, in Okta's words
    extraParams: authorizeRules(isCustom, parts.needsPkce),
    // Okta's default: a web app keeps its refresh token; an app without a secret gets a new one each time.
    rotateRefreshToken: ({ oidc }) => oidc.client?.clientAuthMethod === 'none',
    clientBasedCORS: (_ctx, origin, client) => mayCall(origin, client.redirectUris),
  }
  const provider = new Provider(parts.issuer, configuration)
  const dependencyAt = {
    '/.well-known/openid-configuration': 'discovery',
    [`${endpoints}/keys`]: 'keys',
    [`${endpoints}/token`]: 'token',
  } as const
  provider.use(outgoing(parts, dependencyAt))
  provider.use(metadata(isCustom))
  provider.use(withoutIssuer(parts.issuer))
  provider.use(async function refuse(ctx, next) {
    if (ctx.path !== `${endpoints}/authorize` || parts.refusal() !== 'no-feature') return next()
    ctx.status = 400 // Okta does not send the browser back to the app
    ctx.type = 'html'
    ctx.body = parts.errorPage(OWN_PAGES.title, forTheDeveloper(OWN_PAGES.feature))
  })
  if (isCustom) issueJwtAccessTokens(provider, parts)
  const events: EventEmitter = provider
  events.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET') provider.onerror(error) // else the app has hung up, as with `token-huge`
  })
  return provider
}
