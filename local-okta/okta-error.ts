/** The body of an error of Okta's API: https://developer.okta.com/docs/reference/error-codes/ */
import { randomBytes } from 'node:crypto'

export function oktaError(errorCode: string, errorSummary: string) {
  const errorId = `oae${randomBytes(15).toString('base64url')}`
  return { errorCode, errorSummary, errorLink: errorCode, errorId, errorCauses: [] }
}
