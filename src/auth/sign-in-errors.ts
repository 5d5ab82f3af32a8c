/**
 * What a failed sign-in becomes on a page. Okta's texts come out of a URL that anybody can write: they are matched
 * against known ones and never shown.
 */
import { HOME, OTHER_ACCOUNT, oktaUnavailable, PublicError } from '../errors.js'

const SIGN_OUT = { label: 'Sign out', href: '/logout' }

/** What the library hands on: an OAuth error code and description, or a code of its own with its own text. */
interface LibraryError {
  error?: string
  error_description?: string
  status?: number
}

/** `access_denied` has many reasons; Okta tells them apart in `error_description` only. */
const DENIALS: { text: RegExp; code: string; title: string; sentence: string }[] = [
  {
    text: /not assigned/i,
    code: 'not_assigned',
    title: 'This lair is not yours to enter',
    sentence: 'Your Okta account is not assigned to this app. Ask your administrator to assign it.',
  },
  {
    text: /policy evaluation failed/i,
    code: 'access_policy',
    title: 'A policy keeps you out',
    sentence: 'An access policy of your organization does not let you in here. Ask your administrator.',
  },
]

/** A callback for which this browser has no sign-in under way: opened by hand, stale, or taken before. */
export function signInNotUnderWay(path: string): PublicError {
  return new PublicError(
    400,
    'This sign-in is no longer under way here: it was finished already, took too long, or began in another browser.',
    {
      code: 'sign_in_not_under_way',
      title: 'That trail has gone cold',
      nextSteps: [{ label: 'Sign in again', href: path }, HOME],
    },
  )
}

export function foreignSignOut(): PublicError {
  return new PublicError(403, 'Another site tried to sign you out, so nothing was done.', {
    code: 'foreign_sign_out',
    title: 'You are still signed in',
    nextSteps: [SIGN_OUT, HOME],
  })
}

/**
 * @param error from the library's `login` or `callback`
 * @param retry the path at which signing in starts over
 */
export function explainLibraryError(error: unknown, retry: string): PublicError {
  if (error instanceof PublicError) return error
  const { error: code, error_description: description = '', status } = error as LibraryError
  if (status !== 400 || code === 'unknown_error') {
    return oktaUnavailable('you cannot be signed in', { cause: error, retry })
  }
  if (code === 'access_denied') {
    const denial = DENIALS.find(({ text }) => text.test(description))
    if (denial) {
      return new PublicError(403, denial.sentence, {
        ...denial,
        nextSteps: [OTHER_ACCOUNT, HOME],
        cause: error,
      })
    }
  }
  return new PublicError(400, 'Signing in did not come to its end. Nothing is lost: you can start over.', {
    code: 'sign_in_failed',
    title: 'The gate did not open',
    nextSteps: [{ label: 'Try again', href: retry }, OTHER_ACCOUNT, HOME],
    cause: error,
  })
}
