/**
 * What a failed sign-in becomes on a page. Okta's texts come out of a URL that anybody can write: they are matched
 * against known ones and never shown.
 */

import { OktaFailure } from '../okta/failure.js'
import { IdTokenRefused } from '../okta/id-token.js'
import { oktaUnavailable } from '../okta/unavailable.js'
import { HOME, OTHER_ACCOUNT, PublicError } from '../web/public-error.js'

/** What the library hands on: Okta's error and description, or a code and a text of its own. */
interface LibraryError {
  error?: string
  error_description?: string
  message?: string
  status?: number
}

interface Refusal {
  /** Okta's `error`, where the text alone does not tell. */
  error?: string
  /** Okta's `error_description`. */
  text?: RegExp
  status: number
  code: string
  title: string
  sentence: string
  /** Where an administrator mends it; shown in development only. */
  remedy?: string
}

/** Okta's refusals, the first that matches. Texts as Okta sends them. */
const REFUSALS: Refusal[] = [
  {
    text: /not assigned/i,
    status: 403,
    code: 'not_assigned',
    title: 'This lair is not yours to enter',
    sentence: 'Your Okta account is not assigned to this app. Ask your administrator to assign it.',
    remedy: 'Applications > Applications > your app > Assignments',
  },
  {
    text: /policy evaluation failed/i,
    status: 403,
    code: 'access_policy',
    title: 'A policy keeps you out',
    sentence: 'An access policy of your organization does not let you in here. Ask your administrator.',
    remedy:
      'Security > API > Authorization Servers > default > Access Policies: new orgs have none. Or set OKTA_ISSUER to your Okta domain',
  },
  {
    text: /feature is not enabled/i,
    status: 400,
    code: 'feature_not_enabled',
    title: 'Okta is not set up for this',
    sentence: 'Your organization’s Okta does not offer what this app asks for. Tell your administrator.',
    remedy: 'The org has no API Access Management: set OKTA_ISSUER to your Okta domain',
  },
  {
    text: /lock|inactive|not active|suspend|deactivat|deprovision/i,
    status: 403,
    code: 'account_not_active',
    title: 'This account is shut out',
    sentence: 'Your Okta account is locked or not active. Ask your administrator.',
    remedy: 'Directory > People > the person > More actions',
  },
  {
    error: 'login_required',
    status: 400,
    code: 'okta_session_expired',
    title: 'Okta has forgotten you',
    sentence: 'Your session at Okta has expired. Sign in again.',
  },
  {
    error: 'access_denied',
    status: 400,
    code: 'consent_denied',
    title: 'The gate stays shut',
    sentence: 'You, or Okta on your behalf, said no to this sign-in. Nothing was done.',
    remedy: 'Reports > System Log names the reason',
  },
]

/** Answers of Okta's, through the browser or the token endpoint, that are not the person's doing. */
const OKTA_FAILED = new Set([
  'OAUTH_PARSE_ERROR',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'server_error',
  'temporarily_unavailable',
  'invalid_client',
  'unauthorized_client',
])

/** 401 for scripts, which cannot follow a redirect to a sign-in page. */
export function signInRequired(): PublicError {
  return new PublicError(401, 'Sign in first.', { code: 'sign_in_required', title: 'Sign in first' })
}

export function tooManySignIns(waitSeconds: number): PublicError {
  return new PublicError(429, 'Too many sign-ins came from your network. Wait a moment and try again.', {
    code: 'too_many_sign_ins',
    title: 'One at a time',
    retryAfterSeconds: waitSeconds,
  })
}

export function foreignSignOut(): PublicError {
  return new PublicError(403, 'Another site tried to sign you out, so nothing was done.', {
    code: 'foreign_sign_out',
    title: 'You are still signed in',
    nextSteps: [{ label: 'Sign out', href: '/logout' }, HOME],
  })
}

/** A callback for which this browser has no sign-in under way: opened by hand, stale, or taken before. */
export function signInNotUnderWay(path: string, cause?: unknown): PublicError {
  return new PublicError(
    400,
    'This sign-in is no longer under way here: it was finished already, took too long, or began in another browser.',
    {
      code: 'sign_in_not_under_way',
      title: 'That trail has gone cold',
      nextSteps: [{ label: 'Sign in again', href: path }, HOME],
      cause,
    },
  )
}

/**
 * What a failed sign-in becomes on a page.
 * @param error from `openid-connect.ts` or `id-token.ts`
 * @param options.retry the path at which signing in starts over
 * @param options.refused whether Okta's answer in the browser was an error
 * @param options.askedForTokens whether it failed where the token endpoint is asked
 */
export function explainFailedSignIn(
  error: unknown,
  { retry, refused, askedForTokens }: { retry: string; refused: boolean; askedForTokens: boolean },
): PublicError {
  if (error instanceof OktaFailure) {
    const late = askedForTokens && error.kind === 'timeout'
    return oktaUnavailable('you cannot be signed in', { failure: error, retry, late })
  }
  if (error instanceof IdTokenRefused) {
    return error.byTheClock ? clocksApart(retry, error) : didNotFinish('id_token_refused', retry, error)
  }
  const { error: code, error_description: description = '', message = '', status } = error as LibraryError
  if (/cookie not found/.test(message)) return signInNotUnderWay(retry, error)
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') return clocksApart(retry, error)

  const refusal = REFUSALS.find(({ error: expected, text }) => {
    return expected === undefined ? text?.test(description) : expected === code
  })
  if (!refused || !refusal) {
    const failed = status !== 400 || code === undefined || OKTA_FAILED.has(code)
    if (!failed) return didNotFinish('sign_in_failed', retry, error)
    return oktaUnavailable('you cannot be signed in', { failure: undefined, retry, cause: error })
  }
  return new PublicError(refusal.status, refusal.sentence, {
    code: refusal.code,
    title: refusal.title,
    nextSteps: [
      ...(refusal.status === 403 ? [] : [{ label: 'Try again', href: retry }]),
      OTHER_ACCOUNT,
      HOME,
    ],
    remedy: refusal.remedy,
    cause: error,
  })
}

function didNotFinish(code: string, retry: string, cause: unknown): PublicError {
  return new PublicError(400, 'Signing in did not come to its end. Nothing is lost: you can start over.', {
    code,
    title: 'The gate did not open',
    nextSteps: [{ label: 'Try again', href: retry }, OTHER_ACCOUNT, HOME],
    cause,
  })
}

function clocksApart(retry: string, cause: unknown): PublicError {
  return new PublicError(
    400,
    'The clock of this server and Okta’s do not agree, so the sign-in was not believed. Tell whoever runs this app.',
    {
      code: 'clocks_apart',
      title: 'Time is out of joint',
      nextSteps: [{ label: 'Try again', href: retry }, HOME],
      cause,
    },
  )
}
