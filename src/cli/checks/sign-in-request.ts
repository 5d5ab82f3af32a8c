/**
 * Asks Okta for a sign-in as the app does, with one addition: `prompt=none`. Okta then shows no page, and sends the
 * browser back at once. No browser and no session are involved, so nobody signs in.
 */
import type { AppConfig } from '../../config.js'
import type { AuthorizationServer } from '../../okta/authorization-server.js'
import { boundedFetch } from '../../okta/fetch.js'
import { createOpenIdConnect } from '../../sign-in/openid-connect.js'

const REQUEST_MS = 2500

/** What Okta has against the request. It sends most of these texts to the app, and some on a page of its own (400). */
const PROBLEMS = {
  'access-policy': /policy evaluation failed/i,
  feature: /feature is not enabled/i,
  'redirect-uri': /must be a login redirect uri|redirect_uri did not match/i,
  client: /value for .{0,8}client_id|client is invalid/i,
}

export interface SignInAnswer {
  /** Whether Okta sends the browser back to our redirect URI, which proves the redirect URI and the client id. */
  sendsBack: boolean
  /** The HTTP status. */
  status: number
  /** The OAuth error with which Okta sends the browser back, as it stands there. */
  error: string
  problem: keyof typeof PROBLEMS | undefined
}

/** @throws {OktaFailure} */
export async function askToSignIn(
  config: AppConfig,
  authorizationServer: AuthorizationServer,
): Promise<SignInAnswer> {
  const { location } = await createOpenIdConnect(config, authorizationServer).begin({
    returnTo: '/',
    fresh: false,
  })
  const url = new URL(location)
  url.searchParams.set('prompt', 'none')
  const init: RequestInit = { headers: { Accept: 'text/html' }, redirect: 'manual' }
  const { response, text } = await boundedFetch(url.href, init, AbortSignal.timeout(REQUEST_MS))
  const target = response.headers.get('location') ?? ''
  const back = URL.canParse(target, url.href) ? new URL(target, url) : url
  const sendsBack = back.origin + back.pathname === `${config.baseUrl}/callback`
  const said = sendsBack ? (back.searchParams.get('error_description') ?? '') : text
  const [problem] = Object.entries(PROBLEMS).find(([, words]) => words.test(said)) ?? []
  return {
    sendsBack,
    status: response.status,
    error: sendsBack ? (back.searchParams.get('error') ?? '') : '',
    problem: problem as SignInAnswer['problem'],
  }
}
