/** What Okta demands of an authorize request and oidc-provider does not. */
import { SCOPES } from './claims.js'
import { errors, type KoaContextWithOIDC } from './oidc-provider.js'
import { SENT_BACK } from './okta-words.js'

/** oidc-provider calls each function for every authorize request, with or without the parameter. */
export function authorizeRules(isCustom: boolean, needsPkce: (clientId: string) => boolean) {
  return {
    state(_ctx: KoaContextWithOIDC, state: string | undefined) {
      if (!state) throw new errors.InvalidRequest(SENT_BACK.stateMissing)
    },
    code_challenge({ oidc }: KoaContextWithOIDC, challenge: string | undefined) {
      const { clientId = '', clientAuthMethod } = oidc.client ?? {}
      if (challenge) return
      if (clientAuthMethod === 'none') throw new errors.InvalidRequest(SENT_BACK.pkceMissing)
      if (needsPkce(clientId)) throw new errors.InvalidRequest(SENT_BACK.pkceOfApp)
    },
    scope({ oidc, method, query }: KoaContextWithOIDC) {
      const asked = String((method === 'POST' ? oidc.body : query)?.scope ?? '')
        .split(' ')
        .filter(Boolean)
      if (asked.length === 0) throw new errors.InvalidScope(SENT_BACK.scopeMissing, '')
      if (!asked.every((scope) => SCOPES.includes(scope))) {
        throw new errors.InvalidScope(isCustom ? SENT_BACK.unknownScope : SENT_BACK.unknownScopeOfOrg, '')
      }
      const mayRefresh = oidc.client?.grantTypeAllowed('refresh_token')
      // oidc-provider takes `offline_access` away when no consent is asked for. Okta does not.
      const granted = [...new Set(asked)].filter((scope) => scope !== 'offline_access' || mayRefresh)
      Object.assign(oidc.params ?? {}, { scope: granted.join(' ') })
    },
  }
}
