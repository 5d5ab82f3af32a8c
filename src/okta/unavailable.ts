/** The error page for a person who needs Okta while Okta fails. (`refusals.ts` has the pages for what Okta refuses.) */
import { HOME, PublicError } from '../web/public-error.js'
import { DEFAULT_WAIT_SECONDS, type OktaFailure } from './failure.js'

/**
 * @param what the end of a sentence: it says what is not possible now
 * @param options.failure how Okta failed. The log has a line about it already, so it is not the `cause`
 * @param options.retry path of the link "Try again"
 * @param options.late whether the person has waited and Okta did not answer in time: then 504, else 503
 */
export function oktaUnavailable(
  what: string,
  options: { failure?: OktaFailure; retry: string; late?: boolean; cause?: unknown },
): PublicError {
  const { failure, retry, late = false, cause } = options
  const { kind, remedy, oauthError, retryAfterSeconds = DEFAULT_WAIT_SECONDS } = failure ?? {}
  // Waiting does not help: the operator has to change a setting, here or in Okta.
  const isOurFault = remedy !== undefined && kind !== 'bad-answer'
  const sentence = isOurFault
    ? `Okta does not accept how this app is set up, so ${what}. Tell the people who run it: you cannot mend this yourself.`
    : kind === 'rate-limited'
      ? `Okta has too much to do just now, so ${what}. Try again in ${retryAfterSeconds} seconds.`
      : `Okta cannot be reached just now, so ${what}. Try again in a moment.`
  const title = isOurFault ? 'Okta turns this app away' : 'Okta does not answer'
  const nextSteps = [{ label: 'Try again', href: retry }, HOME]
  const details = { code: 'okta_unavailable', title, nextSteps, retryAfterSeconds, remedy, oauthError, cause }
  return new PublicError(late ? 504 : 503, sentence, details)
}
