/**
 * The tile of an app on Okta's dashboard. Okta sends the browser to the app with its own address as `iss` (OpenID
 * Connect Core section 4, https://support.okta.com/help/s/article/OIDC-app-not-on-dashboard).
 */
import type { RequestHandler } from 'express'
import type { App } from './management/app.js'
import { isText, objectIn } from './management/json.js'
import type { Org } from './management/org.js'
import { errorPage } from './pages.js'

/** Answers like a click on the first tile of the org. */
export function tile(org: Org): RequestHandler {
  return (_req, res) => {
    const [address] = org.apps.flatMap((app) => tileOf(app, org.url) ?? [])
    if (address !== undefined) return res.redirect(address)
    res
      .status(404)
      .send(errorPage('There is no tile', 'No app of this org may be opened from the dashboard.'))
  }
}

/** Where the tile of an app leads. `undefined` if it has none. */
export function tileOf({ status, sent }: App, orgUrl: string): string | undefined {
  const { initiate_login_uri: uri, idp_initiated_login: login } = sent.settings.oauthClient
  const isHidden = objectIn(objectIn(sent.visibility).hide).web === true
  if (status !== 'ACTIVE' || isHidden || objectIn(login).mode !== 'SPEC' || !isText(uri)) return undefined
  const address = new URL(uri)
  address.searchParams.set('iss', orgUrl)
  return address.href
}
