/** The app integration in Okta: its id and secret, its addresses, and Universal Logout. */
import { randomBytes } from 'node:crypto'
import { basicAuthorization } from '../../okta/client-authentication.js'
import { OktaFailure } from '../../okta/failure.js'
import { revocationEndpoint } from '../../okta/revocation-token.js'
import { After, type Check, failed, ok, unknown } from './check.js'
import { cannotRead, unseen } from './management-api.js'
import type { Patient } from './patient.js'
import type { SignInAnswer } from './sign-in-request.js'

const CONSOLE = 'Admin Console: Applications > Applications > your app > General >'

/** Errors of Okta's that a wrong set-up of the app causes. */
const SET_UP_WRONG = /^(invalid_request|unauthorized_client|unsupported_response_type|invalid_scope)$/

/** A token request with a made-up code: Okta looks at id and secret first, and then refuses the code. */
export const client: Check = async (patient, after) => {
  await after('discovery')
  const signInAnswer = patient.signInAnswer().catch(() => undefined) // `redirect-uri` says how it failed
  try {
    await redeemMadeUpCode(patient)
  } catch (error) {
    const { kind, oauthError, remedy } = error as OktaFailure
    if (oauthError === 'unauthorized_client') throw refused(oauthError)
    if (kind !== 'client-credential') throw error
    return failed(`Okta does not accept ${wrongOne(await signInAnswer)}`, { remedy })
  }
  const { error = '' } = (await signInAnswer) ?? {}
  if (SET_UP_WRONG.test(error)) throw refused(error)
  return ok('Okta accepts OKTA_CLIENT_ID and OKTA_CLIENT_SECRET')
}

async function redeemMadeUpCode({ config, issuer }: Patient): Promise<void> {
  const { oktaClientId, oktaClientSecret, baseUrl } = config()
  const { token_endpoint } = await issuer().metadata()
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'made-up-by-the-doctor',
    redirect_uri: `${baseUrl}/callback`,
    code_verifier: randomBytes(32).toString('base64url'),
  })
  const headers = {
    Authorization: basicAuthorization(oktaClientId, oktaClientSecret),
    'Content-Type': 'application/x-www-form-urlencoded',
  }
  await issuer().requestTokens(String(token_endpoint), { method: 'POST', headers, body })
}

/** Okta's token endpoint does not say which of the two is wrong. To ask for a sign-in the app needs the id only. */
function wrongOne(answer: SignInAnswer | undefined): string {
  if (answer?.problem === 'client') return 'OKTA_CLIENT_ID: it knows no such app'
  if (answer?.sendsBack || answer?.problem === 'redirect-uri')
    return 'OKTA_CLIENT_SECRET. It knows OKTA_CLIENT_ID'
  return 'OKTA_CLIENT_ID with OKTA_CLIENT_SECRET'
}

function refused(oauthError: string): OktaFailure {
  return new OktaFailure('request-refused', `Okta refuses what the app asks for (${oauthError})`)
}

export const redirectUri: Check = async ({ config, signInAnswer }, after) => {
  await after('discovery')
  const uri = `${config().baseUrl}/callback`
  const { sendsBack, problem, status } = await signInAnswer()
  if (sendsBack) return ok(`Okta sends browsers back to ${uri}`)
  if (problem === 'client') throw new After('client')
  if (problem === 'feature') throw new After('access-policy')
  const remedy = `${CONSOLE} Sign-in redirect URIs: add ${uri}. Okta compares every character`
  if (problem === 'redirect-uri') return failed(`Okta does not know the redirect URI ${uri}`, { remedy })
  if (status >= 400 && status < 500)
    return failed(`Okta refuses a sign-in that shall lead back to ${uri} (status ${status})`, { remedy })
  return unknown(`Okta’s answer does not tell whether it knows ${uri}`, { remedy })
}

export const signOutUri: Check = async ({ config, app }, after) => {
  await after('api-credentials')
  const uri = `${config().baseUrl}/`
  const { settings } = await app().catch(cannotRead)
  const place = `${CONSOLE} Sign-out redirect URIs`
  if (!settings) return unseen(`Okta knows ${uri}`, ` after npm run okta:setup. To look: ${place}`)
  const { post_logout_redirect_uris: uris } = Object(Object(settings).oauthClient)
  if (Array.isArray(uris) && uris.includes(uri)) return ok(`Okta knows the sign-out URI ${uri}`)
  const remedy = `${place}: add ${uri}, with the slash. Okta compares every character`
  return failed(`Okta does not know the sign-out URI ${uri}`, { remedy })
}

export const universalLogout: Check = async ({ config, app }, after) => {
  await after('api-credentials')
  const record = await app().catch(cannotRead)
  const endpoint = revocationEndpoint(config())
  const where = `Admin Console: Applications > Applications > your app > Sign On > Logout, with the endpoint ${endpoint}. See docs/universal-logout.md`
  if (!record.settings)
    return unseen('Universal Logout is on', `: the app works without it. To look: ${where}`)
  const { status } = Object(record.universalLogout)
  if (status === 'ENABLED') return ok(`Universal Logout is on in Okta; its endpoint must be ${endpoint}`)
  return ok('Universal Logout is off in Okta', { detail: `To switch it on: ${where}` })
}
