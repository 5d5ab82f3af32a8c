/** Access tokens of service apps: client_credentials with private_key_jwt, at the org's own authorization server only. */
import type { FaultsInside } from '../faults.js'
import type { AdapterFactory, Provider } from '../oidc-provider.js'
import { errors } from '../oidc-provider.js'
import type { Org } from './org.js'

const HOUR = 60 * 60
const GRANT_TYPE = 'client_credentials'
const NO_SCOPE =
  "The authorization server resource does not have any configured default scopes, 'scope' must be provided."

/** @returns the provider, which now has this grant type, too */
export function issueServiceTokens(provider: Provider, org: Org): Provider {
  provider.registerGrantType(
    GRANT_TYPE,
    async (ctx) => {
      const { client, params } = ctx.oidc
      const app = client && org.appOf(client.clientId)
      if (!client || !app) throw new errors.InvalidClient('client not found')
      const scopes = String(params?.scope ?? '')
        .split(' ')
        .filter(Boolean)
      if (app.sent.settings.oauthClient.dpop_bound_access_tokens)
        throw new errors.CustomOIDCProviderError(
          'invalid_dpop_proof',
          'The DPoP proof JWT header is missing.',
        )
      if (scopes.length === 0) throw new errors.InvalidScope(NO_SCOPE, '')
      const granted = app.grants.map(({ scopeId }) => scopeId)
      const refused = scopes.find((scope) => !granted.includes(scope))
      if (refused !== undefined)
        throw new errors.InvalidScope(
          'One or more scopes are not granted to the client application.',
          refused,
        )
      const token = new provider.ClientCredentials({ client, scope: scopes.join(' ') })
      const access_token = await token.save()
      ctx.body = { token_type: 'Bearer', expires_in: HOUR, access_token, scope: token.scope }
    },
    ['scope'],
  )
  return provider
}

/**
 * What an access token of a service app stands for, if it is one that still counts by the org's clock.
 * @param faults one of them makes every token worthless
 */
export function serviceTokenIn(
  storage: AdapterFactory,
  faults: Pick<FaultsInside, 'active' | 'skewSeconds'>,
) {
  return async (token: string): Promise<{ clientId: string; scopes: string[] } | undefined> => {
    if (faults.active().some(({ name }) => name === 'credentials-token-refused')) return undefined
    const found = await storage('ClientCredentials').find(token)
    const isOver = Number(found?.exp) <= Date.now() / 1000 + faults.skewSeconds()
    return found?.clientId && !isOver
      ? { clientId: found.clientId, scopes: (found.scope ?? '').split(' ') }
      : undefined
  }
}
