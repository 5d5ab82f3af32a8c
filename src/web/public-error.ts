/** A link to a path of this app, with its label. */
export type NextStep = { label: string; href: string }

interface Details {
  /** Machine-readable name of the kind, e.g. `not_assigned`; the `error` of JSON answers. */
  code: string
  /** Headline of the page. */
  title: string
  /** What the page offers; by default the way home. */
  nextSteps?: NextStep[]
  /** When trying again makes sense; sent as `Retry-After`. */
  retryAfterSeconds?: number | undefined
  /** What an operator can do; for the log, and for the page in development only. */
  remedy?: string | undefined
  /** Okta's `error`, if it is a registered one. */
  oauthError?: string | undefined
  /** For the operator's log, never for the page. */
  cause?: unknown
}

export const HOME: NextStep = { label: 'Back to the entrance', href: '/' }
export const OTHER_ACCOUNT: NextStep = { label: 'Use another account', href: '/login?prompt=login' }

/**
 * An error that a page may show. It has three audiences: a status for the machine, a sentence for the person, a `cause`
 * for the operator. Any other error is shown as "something went wrong".
 */
export class PublicError extends Error {
  override name = 'PublicError'
  readonly status: number
  readonly details: Details

  /** @param sentence anybody may read it */
  constructor(status: number, sentence: string, details: Details) {
    super(sentence, { cause: details.cause })
    this.status = status
    this.details = details
  }
}
