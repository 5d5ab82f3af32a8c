/**
 * The error pages for sign-ins that fail. Okta's texts come from a URL that anybody can write, so the app compares them
 * with known texts and never shows them.
 */
import { CLOCK_REMEDY, OktaFailure } from '../okta/failure.js'
import { IdTokenRefused } from '../okta/id-token.js'
import { oauthErrorOf } from '../okta/oauth-error.js'
import { oktaUnavailable } from '../okta/unavailable.js'
import { SITE } from '../site.js'
import { HOME, OTHER_ACCOUNT, PublicError } from '../web/public-error.js'

/** The library's error. It has Okta's error and description, or a code and a text of the library's own. */
type LibraryError = { error?: string; error_description?: string; message?: string; status?: number }

interface Refusal {
  /** Okta's `error`, or a part of its `error_description`. */
  when: string | RegExp
  status: number
  code: string
  title: string
  sentence: string
  /** What an administrator can do. */
  remedy?: string
}

/** Okta's refusals, with texts as Okta sends them. The first that matches counts. */
const REFUSALS: Refusal[] = [
  {
    when: /not assigned/i,
    status: 403,
    code: 'not_assigned',
    title: `${SITE.name} is not yours to enter`,
    sentence: 'Your Okta account is not assigned to this app. Ask your administrator to assign it.',
    remedy: 'Okta’s Admin Console: Applications > Applications > your app > Assignments',
  },
  {
    when: /policy evaluation failed/i,
    status: 403,
    code: 'access_policy',
    title: 'A policy keeps you out',
    sentence: 'An access policy of your organization does not let you in here. Ask your administrator.',
    remedy:
      'Okta’s Admin Console: Security > API > Authorization Servers > default > Access Policies: new orgs have none. Or set OKTA_ISSUER to your Okta domain',
  },
  {
    when: /feature is not enabled/i,
    status: 400,
    code: 'feature_not_enabled',
    title: 'Okta is not set up for this',
    sentence: 'Your organization’s Okta does not offer what this app asks for. Tell your administrator.',
    remedy: 'The org has no API Access Management: set OKTA_ISSUER to your Okta domain',
  },
  {
    when: /lock|inactive|not active|suspend|deactivat|deprovision/i,
    status: 403,
    code: 'account_not_active',
    title: 'This account is shut out',
    sentence: 'Your Okta account is locked or not active. Ask your administrator.',
    remedy: 'Okta’s Admin Console: Directory > People > the person > More actions',
  },
  {
    when: 'login_required',
    status: 400,
    code: 'okta_session_expired',
    title: 'Okta has forgotten you',
    sentence: 'Your session at Okta has expired. Sign in again.',
  },
  {
    when: 'access_denied',
    status: 400,
    code: 'consent_denied',
    title: 'The gate stays shut',
    sentence: 'You, or Okta on your behalf, said no to this sign-in. Nothing was done.',
    remedy: 'Okta’s Admin Console: Reports > System Log names the reason',
  },
]

/** Errors that the person did not cause. Okta sends them through the browser or from the token endpoint. */
const OKTA_FAILED = /^(OAUTH_PARSE_ERROR|server_error|temporarily_unavailable)$/

/** Errors of Okta's that a wrong set-up of the app causes. Waiting does not help. */
const SETTINGS_WRONG =
  /^(invalid_request|unauthorized_client|unsupported_response_type|invalid_scope|invalid_client)$/

/** 401 for scripts, which cannot follow a redirect to a sign-in page. */
export function signInRequired(): PublicError {
  return new PublicError(401, 'Sign in first.', { code: 'sign_in_required', title: 'Sign in first' })
}

export function tooManySignIns(retryAfterSeconds: number): PublicError {
  const details = { code: 'too_many_sign_ins', title: 'One at a time', retryAfterSeconds }
  return new PublicError(
    429,
    'Too many sign-ins came from your network. Wait a moment and try again.',
    details,
  )
}

export function foreignSignOut(): PublicError {
  const nextSteps = [{ label: 'Sign out', href: '/logout' }, HOME]
  const details = { code: 'foreign_sign_out', title: 'You are still signed in', nextSteps }
  return new PublicError(403, 'Another site tried to sign you out, so nothing was done.', details)
}

/** For a sign-in to which another site has sent the person, if it names an issuer that is not Okta's. */
export function foreignIssuer(iss: unknown): PublicError {
  const sentence = 'The site that sent you here names somebody else to sign you in, so nothing was done.'
  const nextSteps = [{ label: 'Sign in here', href: '/login' }, HOME]
  const remedy =
    'If Okta’s dashboard sent the person: "iss" must be OKTA_ORG_URL, OKTA_ISSUER, or the origin of OKTA_ISSUER, such as a custom domain'
  const cause = new Error(`"iss" is ${iss}`)
  const details = { code: 'foreign_issuer', title: 'Somebody else’s door', nextSteps, remedy, cause }
  return new PublicError(400, sentence, details)
}

/** For a sign-in that began before all sessions of the person were ended, and came back only afterwards. */
export function signedOutMeanwhile(path: string): PublicError {
  const sentence = 'While you were signing in, all your sessions were ended. You are not signed in.'
  const nextSteps = [{ label: 'Sign in again', href: path }, HOME]
  const details = { code: 'signed_out_meanwhile', title: 'The gate fell shut', nextSteps }
  return new PublicError(400, sentence, details)
}

/** For a callback without a sign-in under way in this browser. It is too old, was answered before, or opened by hand. */
export function signInNotUnderWay(path: string, cause?: unknown): PublicError {
  const sentence =
    'This sign-in is no longer under way here: it was finished already, took too long, or began in another browser.'
  const nextSteps = [{ label: 'Sign in again', href: path }, HOME]
  const details = { code: 'sign_in_not_under_way', title: 'That trail has gone cold', nextSteps, cause }
  return new PublicError(400, sentence, details)
}

/**
 * The error for the page of a sign-in that failed. It is `cause` itself if neither Okta nor the person caused it.
 * @param cause the error of `openid-connect.ts` or `id-token.ts`
 * @param options.retry the path at which a new sign-in begins
 * @param options.refused whether Okta sent the browser back with an error
 * @param options.askedForTokens whether the sign-in failed while the app redeemed the code
 */
export function explainFailedSignIn(
  cause: unknown,
  options: { retry: string; refused?: boolean; askedForTokens?: boolean },
): unknown {
  const { retry, refused = false, askedForTokens = false } = options
  const tryAgain = { label: 'Try again', href: retry }
  if (cause instanceof OktaFailure) {
    const late = askedForTokens && cause.kind === 'timeout'
    return oktaUnavailable('you cannot be signed in', { failure: cause, retry, late })
  }
  const { error, error_description: text = '', message = '', status } = cause as LibraryError
  const oauthError = oauthErrorOf(error)
  if (/cookie not found/.test(message)) return signInNotUnderWay(retry, cause)

  const isAboutClocks = cause instanceof IdTokenRefused && cause.byTheClock
  if (isAboutClocks || error === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') {
    const sentence =
      'The clock of this server and Okta’s do not agree, so the sign-in was not believed. Tell the people who run this app.'
    const nextSteps = [tryAgain, HOME]
    return new PublicError(400, sentence, {
      code: 'clocks_apart',
      title: 'Time is out of joint',
      nextSteps,
      remedy: CLOCK_REMEDY,
      cause,
    })
  }
  const refusal =
    refused && REFUSALS.find(({ when }) => (when instanceof RegExp ? when.test(text) : when === error))
  if (refusal) {
    const nextSteps = [...(refusal.status === 403 ? [] : [tryAgain]), OTHER_ACCOUNT, HOME]
    return new PublicError(refusal.status, refusal.sentence, { ...refusal, nextSteps, oauthError, cause })
  }
  if (refused && oauthError && SETTINGS_WRONG.test(oauthError)) {
    const failure = new OktaFailure('request-refused', 'Okta refused the sign-in', { oauthError })
    return oktaUnavailable('you cannot be signed in', { failure, retry, cause })
  }
  const isRefused = cause instanceof IdTokenRefused
  if (!isRefused && status !== 400) return cause // a fault of this app
  if (!isRefused && (error === undefined || OKTA_FAILED.test(error))) {
    return oktaUnavailable('you cannot be signed in', { retry, cause })
  }
  const code = isRefused ? 'id_token_refused' : 'sign_in_failed'
  const remedy = isRefused ? cause.remedy : undefined
  const nextSteps = [...(remedy ? [] : [tryAgain]), OTHER_ACCOUNT, HOME] // a wrong set-up would fail again
  const sentence = 'Signing in did not come to its end. Nothing is lost: you can start over.'
  return new PublicError(400, sentence, {
    code,
    title: 'The gate did not open',
    nextSteps,
    remedy,
    oauthError,
    cause,
  })
}
