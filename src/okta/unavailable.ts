/** The page for a person to whom Okta could not give an answer. (`refusals.ts` has the pages for a no.) */
import { HOME, PublicError } from '../web/public-error.js'
import { DEFAULT_WAIT_SECONDS, type OktaFailure } from './failure.js'

/**
 * 503 when Okta cannot be asked; 504 where the person has waited for an answer that did not come in time.
 * @param what the end of a sentence: what the person cannot have now
 * @param options.failure how Okta failed; the log has told of it, so that it is no `cause` here
 */
export function oktaUnavailable(
  what: string,
  options: { failure?: OktaFailure; retry: string; late?: boolean; cause?: unknown },
): PublicError {
  const { failure, retry, late = false, cause } = options
  const { kind, remedy, oauthError, retryAfterSeconds = DEFAULT_WAIT_SECONDS } = failure ?? {}
  // Waiting does not help: somebody has to change a setting here or in Okta.
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
