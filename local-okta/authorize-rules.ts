/** What Okta demands of an authorize request and oidc-provider does not, with Okta's words for a refusal. */
import { SCOPES } from './claims.js'
import { errors, type KoaContextWithOIDC } from './oidc-provider.js'

const UNKNOWN_SCOPE = 'One or more scopes are not configured for the authorization server resource.'
const UNKNOWN_SCOPE_OF_ORG = 'Custom scopes are not allowed for this request.'
const STATE_MISSING = "The authentication request has an invalid 'state' parameter."
const SCOPE_MISSING =
  "The authorization server resource does not have any configured default scopes, 'scope' must be provided."
const CHALLENGE_OF_APP = 'PKCE code challenge is required by the application.'
const CHALLENGE_MISSING =
  "PKCE code challenge is required when the token endpoint authentication method is 'NONE'."

/** oidc-provider calls each function for every authorize request, with or without the parameter. */
export function authorizeRules(isCustom: boolean, needsPkce: (clientId: string) => boolean) {
  return {
    state(_ctx: KoaContextWithOIDC, state: string | undefined) {
      if (!state) throw new errors.InvalidRequest(STATE_MISSING)
    },
    code_challenge({ oidc }: KoaContextWithOIDC, challenge: string | undefined) {
      const { clientId = '', clientAuthMethod } = oidc.client ?? {}
      if (challenge) return
      if (clientAuthMethod === 'none') throw new errors.InvalidRequest(CHALLENGE_MISSING)
      if (needsPkce(clientId)) throw new errors.InvalidRequest(CHALLENGE_OF_APP)
    },
    scope({ oidc, method, query }: KoaContextWithOIDC) {
      const asked = String((method === 'POST' ? oidc.body : query)?.scope ?? '')
        .split(' ')
        .filter(Boolean)
      if (asked.length === 0) throw new errors.InvalidScope(SCOPE_MISSING, '')
      if (!asked.every((scope) => SCOPES.includes(scope))) {
        throw new errors.InvalidScope(isCustom ? UNKNOWN_SCOPE : UNKNOWN_SCOPE_OF_ORG, '')
      }
      const mayRefresh = oidc.client?.grantTypeAllowed('refresh_token')
      // oidc-provider takes `offline_access` away when no consent is asked for. Okta does not.
      const granted = [...new Set(asked)].filter((scope) => scope !== 'offline_access' || mayRefresh)
      Object.assign(oidc.params ?? {}, { scope: granted.join(' ') })
    },
  }
}
