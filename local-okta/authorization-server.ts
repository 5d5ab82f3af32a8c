/** One of the org's two authorization servers: oidc-provider at Okta's paths, with Okta's claims and refusals. */
import { randomBytes } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { type AdapterFactory, type Configuration, errors, Provider } from './oidc-provider.js'
import { type OutgoingParts, outgoing } from './outgoing.js'
import { type LocalPerson, nameOf } from './people.js'
import { type SignInPolicyParts, signInPolicy } from './sign-in-policy.js'

const HOUR = 60 * 60
const ERROR_TITLE = 'Your request resulted in an error'

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
}

export function createAuthorizationServer(parts: AuthorizationServerParts): Provider {
  const { endpoints, person } = parts
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
    scopes: ['openid', 'profile', 'email'],
    claims: {
      openid: ['sub', 'ver', 'jti', 'amr', 'idp', 'auth_time', 'preferred_username'],
      profile: ['name', 'given_name', 'family_name', 'locale', 'zoneinfo', 'updated_at'],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: parts.thinIdTokens,
    findAccount: (_ctx, id, token) => {
      const found = person(id)
      const authTime = (token as { authTime?: number } | undefined)?.authTime
      return found && { accountId: id, claims: () => claimsOf(found, authTime) }
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
      grant.addOIDCScope('openid profile email')
      await grant.save()
      return grant
    },
    renderError(ctx, out) {
      ctx.type = 'html'
      const reason = out.error_description ?? out.error
      ctx.body = parts.errorPage(ERROR_TITLE, `For the developer: ${reason}.`)
    },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      dPoP: { enabled: false },
      // Only announces the endpoint: sign-out.ts answers it, without the click that oidc-provider would ask for.
      rpInitiatedLogout: { enabled: true },
    },
    ttl: {
      AccessToken: HOUR,
      AuthorizationCode: 60,
      ClientCredentials: HOUR,
      Grant: 2 * HOUR,
      IdToken: HOUR,
      Interaction: HOUR,
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
    pkce: { required: (_ctx, client) => parts.needsPkce(client.clientId) },
    clientBasedCORS: () => false,
  }
  const provider = new Provider(parts.issuer, configuration)
  const dependencyAt = {
    '/.well-known/openid-configuration': 'discovery',
    [`${endpoints}/keys`]: 'keys',
    [`${endpoints}/token`]: 'token',
  } as const
  provider.use(outgoing(parts, dependencyAt))
  provider.use(async function refuse(ctx, next) {
    if (ctx.path !== `${endpoints}/authorize` || parts.refusal() !== 'no-feature') return next()
    ctx.status = 400 // Okta does not send the browser back to the app
    ctx.type = 'html'
    ctx.body = parts.errorPage(ERROR_TITLE, 'The requested feature is not enabled in this environment.')
  })
  const events: EventEmitter = provider
  events.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET') provider.onerror(error) // else the app has hung up, as with `token-huge`
  })
  return provider
}

function claimsOf(person: LocalPerson, authTime: number | undefined) {
  const { profile } = person
  return {
    sub: person.id,
    ver: 1,
    jti: `ID.${randomBytes(24).toString('base64url')}`,
    amr: ['pwd'],
    idp: '00o00000000000000001',
    auth_time: authTime,
    preferred_username: profile.login,
    name: nameOf(person),
    given_name: profile.firstName,
    family_name: profile.lastName,
    locale: 'en_US',
    zoneinfo: 'America/Los_Angeles',
    updated_at: 1_700_000_000,
    email: profile.email,
    email_verified: true,
  }
}
