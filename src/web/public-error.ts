/**
 * The errors that pages tell apart. An error has three audiences: a status for the machine, a sentence for the
 * person, a `cause` for the operator. Whatever is not a `PublicError` is shown as "something went wrong".
 */
/** What a page offers next: a link with its label. `href` is a path of this app. */
export interface NextStep {
  label: string
  href: string
}

interface PublicErrorOptions {
  /** For the operator's log, never for the page. */
  cause?: unknown
  /** Machine-readable name of the kind, e.g. `not_assigned`; also the `error` of JSON answers. */
  code: string
  /** Headline of the page. */
  title: string
  nextSteps?: NextStep[]
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  retryAfterSeconds?: number
  /** Where in Okta's Admin Console this is mended; shown in development only. */
  remedy?: string | undefined
}

export const HOME: NextStep = { label: 'Back to the entrance', href: '/' }
export const OTHER_ACCOUNT: NextStep = { label: 'Use another account', href: '/login?prompt=login' }

/** An error whose `message` is a sentence that anybody may read. */
export class PublicError extends Error {
  override name = 'PublicError'
  readonly status: number
  readonly code: string
  readonly title: string
  readonly nextSteps: NextStep[]
  readonly retryAfterSeconds: number | undefined
  readonly remedy: string | undefined

  constructor(status: number, sentence: string, options: PublicErrorOptions) {
    super(sentence, { cause: options.cause })
    this.status = status
    this.code = options.code
    this.title = options.title
    this.nextSteps = options.nextSteps ?? [HOME]
    this.retryAfterSeconds = options.retryAfterSeconds
    this.remedy = options.remedy
  }
}

/** 401 for scripts, which cannot follow a redirect to a sign-in page. */
export function signInRequired(): PublicError {
  return new PublicError(401, 'Sign in first.', { code: 'sign_in_required', title: 'Sign in first' })
}

export function notFound(): PublicError {
  return new PublicError(404, 'There is no page at this address.', {
    code: 'not_found',
    title: 'Nothing lives here',
  })
}

export function methodNotAllowed(): PublicError {
  return new PublicError(405, 'This address does not take that kind of request.', {
    code: 'method_not_allowed',
    title: 'Not that way',
  })
}

/** For requests that Express itself turns down, such as 416 for a range outside of the file. */
export function unanswerable(status: number): PublicError {
  return new PublicError(status, 'This request cannot be answered the way it was put.', {
    code: 'unanswerable',
    title: 'The echo makes no sense',
  })
}

/** A page of ours inside another site's page could be clicked by somebody who does not see it. */
export function embeddingRefused(): PublicError {
  return new PublicError(403, 'This page does not show itself inside another one.', {
    code: 'embedding_refused',
    title: 'Come to the gate yourself',
  })
}

export function foreignSignOut(): PublicError {
  return new PublicError(403, 'Another site tried to sign you out, so nothing was done.', {
    code: 'foreign_sign_out',
    title: 'You are still signed in',
    nextSteps: [{ label: 'Sign out', href: '/logout' }, HOME],
  })
}

export function tooManySignIns(waitSeconds: number): PublicError {
  return new PublicError(429, 'Too many sign-ins came from your network. Wait a moment and try again.', {
    code: 'too_many_sign_ins',
    title: 'One at a time',
    retryAfterSeconds: waitSeconds,
  })
}
