/** A link to a path of this app, with its label. */
export type NextStep = { label: string; href: string }

interface Details {
  /** A name for programs, e.g. `not_assigned`; the `error` of JSON answers. */
  code: string
  /** The headline of the page. */
  title: string
  /** The links of the page; by default one to the landing page. */
  nextSteps?: NextStep[]
  /** When to try again; sent as `Retry-After`. */
  retryAfterSeconds?: number | undefined
  /** What the operator can do. The log has it, and in development the page. */
  remedy?: string | undefined
  /** Okta's `error`, if it is a registered one. */
  oauthError?: string | undefined
  /** For the operator's log, never for the page. */
  cause?: unknown
}

export const HOME: NextStep = { label: 'Back to the entrance', href: '/' }
export const OTHER_ACCOUNT: NextStep = { label: 'Use another account', href: '/login?prompt=login' }

/**
 * An error that a page may show. It has a status for the browser, a sentence for the person, and a `cause` for the
 * operator. For any other error the page says "Something went wrong".
 */
export class PublicError extends Error {
  override name = 'PublicError'
  readonly status: number
  readonly details: Details

  /** @param sentence what the person reads; it must have nothing secret in it */
  constructor(status: number, sentence: string, details: Details) {
    super(sentence, { cause: details.cause })
    this.status = status
    this.details = details
  }
}
