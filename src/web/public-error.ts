/**
 * An error that a page may show. It has three audiences: a status for the machine, a sentence for the person, a `cause`
 * for the operator. Any other error is shown as "something went wrong".
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

/** Its `message` is a sentence that anybody may read. */
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
