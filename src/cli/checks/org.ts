/** The org, and the authorization server at which people sign in. */
import { clockSkew, NOTEWORTHY_SKEW_SECONDS } from '../../okta/authorization-server.js'
import { OktaFailure } from '../../okta/failure.js'
import { customServerIn } from '../access-policies.js'
import { type Check, failed, ok, unknown, warning } from './check.js'
import { organizationAt } from './patient.js'

/** As in `okta/id-token.ts`: the app refuses an ID token from further in the future. `Date` has whole seconds: 1 less. */
const MOST_SKEW_SECONDS = 300 - 1

export const orgUrl: Check = async ({ config, org }, after) => {
  await after('settings')
  const { oktaOrgUrl } = config()
  const remedy =
    'Compare OKTA_ORG_URL with your Okta domain. Admin Console: the menu under your name, top right'
  try {
    await org()
    return ok(`${oktaOrgUrl} is an Okta org`)
  } catch (failure) {
    const { kind, message } = failure as OktaFailure
    if (kind === 'unreachable' || kind === 'timeout')
      return failed(`Nothing answers at ${oktaOrgUrl}: ${message}`, {
        remedy: `${remedy}. If it is right: DNS, firewall. The app uses no HTTPS_PROXY`,
      })
    if (kind === 'server-error' || kind === 'rate-limited') throw failure
    return failed(`What answers at ${oktaOrgUrl} is no Okta org`, { remedy })
  }
}

export const clock: Check = async ({ org, now }, after) => {
  await after('org-url')
  const skew = clockSkew(await org(), now())
  if (!skew) return unknown('Okta’s answer does not tell the time')
  const { apart, message } = skew
  if (apart <= NOTEWORTHY_SKEW_SECONDS)
    return ok(`The clock is as Okta’s, within ${NOTEWORTHY_SKEW_SECONDS} s`)
  const { remedy } = new OktaFailure('clock', message)
  return (apart < MOST_SKEW_SECONDS ? warning : failed)(message, { remedy })
}

export const discovery: Check = async ({ config, issuer }, after) => {
  const { oktaIssuer, oktaOrgUrl } = await after('settings').then(config)
  const { origin } = new URL(oktaIssuer)
  if (origin === oktaOrgUrl) await after('org-url')
  await issuer().metadata()
  if (origin !== oktaOrgUrl) {
    // An org may have domains of its own. Its id is the same at all of them.
    const [ours, theirs] = await Promise.all([oktaOrgUrl, origin].map(organizationAt)).catch(() => [])
    if (ours?.text !== theirs?.text)
      throw new OktaFailure('config', 'OKTA_ISSUER and OKTA_ORG_URL belong to different orgs')
  }
  return ok(
    `${oktaIssuer} is ${customServerIn(oktaIssuer) ? 'a custom' : 'the org’s own'} authorization server`,
  )
}

export const signingKeys: Check = async ({ issuer }, after) => {
  await after('discovery')
  await issuer().refreshKeys()
  return ok('Okta sends keys for RS256')
}
