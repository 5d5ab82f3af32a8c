/** The body of an error of Okta's API: https://developer.okta.com/docs/reference/error-codes/ */
import { randomBytes } from 'node:crypto'

/** @param causes what is wrong with the request, one sentence each */
export function oktaError(errorCode: string, errorSummary: string, causes: string[] = []) {
  const errorId = `oae${randomBytes(15).toString('base64url')}`
  const errorCauses = causes.map((errorSummary) => ({ errorSummary }))
  return { errorCode, errorSummary, errorLink: errorCode, errorId, errorCauses }
}
