/** The tile of an app on Okta's dashboard. */
import type { App } from './management/app.js'
import { isText, objectIn } from './management/json.js'

/**
 * Where the tile leads; `undefined` if the app has none. Okta adds the org as `iss` (OpenID Connect Core section 4,
 * https://support.okta.com/help/s/article/OIDC-app-not-on-dashboard).
 */
export function tileOf({ status, sent }: App, orgUrl: string): string | undefined {
  const { initiate_login_uri: uri, idp_initiated_login: login } = sent.settings.oauthClient
  const isHidden = objectIn(objectIn(sent.visibility).hide).web === true
  if (status !== 'ACTIVE' || isHidden || objectIn(login).mode !== 'SPEC' || !isText(uri)) return undefined
  const address = new URL(uri)
  address.searchParams.set('iss', orgUrl)
  return address.href
}
