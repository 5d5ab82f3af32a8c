/** The page for what Okta kept from somebody, as against what it refused them. */
import { HOME, PublicError } from '../web/public-error.js'
import { DEFAULT_WAIT_SECONDS, type OktaFailure } from './failure.js'

/**
 * 503 when Okta cannot be asked.
 * @param what what that keeps the person from
 * @param options.failure how Okta failed; the log has told of it when it began, so that it is no `cause` here
 * @param options.late 504: the person has waited, and Okta did not answer in time
 */
export function oktaUnavailable(
  what: string,
  options: { failure: OktaFailure | undefined; retry: string; late?: boolean; cause?: unknown },
): PublicError {
  const { failure, retry, late = false, cause } = options
  const seconds = failure?.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS
  const sentence = ourFault(failure)
    ? `Okta does not accept how this app is set up, so ${what}. Tell whoever runs it; there is nothing you can mend.`
    : failure?.kind === 'rate-limited'
      ? `Okta has too much to do just now, so ${what}. Try again in ${seconds} seconds.`
      : `Okta cannot be reached just now, so ${what}. Try again in a moment.`
  return new PublicError(late ? 504 : 503, sentence, {
    code: 'okta_unavailable',
    title: ourFault(failure) ? 'Okta turns this app away' : 'Okta does not answer',
    nextSteps: [{ label: 'Try again', href: retry }, HOME],
    retryAfterSeconds: seconds,
    remedy: failure?.remedy,
    cause,
  })
}

/** Waiting does not help: somebody has to change a setting here or in Okta. */
function ourFault(failure: OktaFailure | undefined): boolean {
  return failure?.remedy !== undefined && failure.kind !== 'bad-answer'
}
