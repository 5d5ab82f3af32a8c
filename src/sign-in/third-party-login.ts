/**
 * Third-party-initiated login: another site sends a person to /login to sign in. Okta's dashboard does so when the
 * person clicks the tile of the app (OpenID Connect Core section 4).
 */
import type { AppConfig } from '../config.js'
import { issuersOf } from '../okta/revocation-token.js'
import { foreignIssuer } from './refusals.js'
import { LAIR, targetPath } from './return-path.js'

/** Okta's logins have at most 100 characters. An e-mail address has at most 254 (RFC 5321 section 4.5.3.1). */
const LOGIN_HINT = /^\P{Cc}{1,254}$/u

/** How a sign-in at /login shall be. */
export interface LoginWishes {
  /** The path to which the browser goes after the sign-in. */
  returnTo: string
  /** Who will probably sign in: Okta fills it into its page. */
  loginHint?: string
}

/**
 * What the query of /login asks for. Without `iss`, which a third party must send, it can ask for nothing. With it:
 * `target_link_uri` is where the person ends, if it is on our own origin; else that is the lair. `login_hint` goes on to
 * Okta, if it can be the name of an account. If one of the two is there twice, it counts as missing.
 * @throws {PublicError} 400: `iss` is not one of Okta's names. The tile of Okta's dashboard sends the org, whichever
 *   authorization server the app uses: https://support.okta.com/help/s/article/OIDC-app-not-on-dashboard
 */
export function loginWishes(query: Readonly<Record<string, unknown>>, config: AppConfig): LoginWishes {
  const { iss, login_hint: hint, target_link_uri: target } = query
  if (iss === undefined) return { returnTo: LAIR }
  if (typeof iss !== 'string' || !issuersOf(config).includes(iss)) throw foreignIssuer(iss)
  const returnTo = typeof target === 'string' ? targetPath(target, config.baseUrl) : LAIR
  const isHint = typeof hint === 'string' && LOGIN_HINT.test(hint)
  return { returnTo, ...(isHint && { loginHint: hint }) }
}
