/** What the management API refuses. A handler throws it; `api.ts` sends it in Okta's words. */
import { oktaError } from '../okta-error.js'

export class ApiError extends Error {
  readonly status: number
  readonly body: ReturnType<typeof oktaError>

  constructor(status: number, errorCode: string, errorSummary: string, causes: string[] = []) {
    super(errorSummary)
    this.status = status
    this.body = oktaError(errorCode, errorSummary, causes)
  }
}

/** @param field what the summary names; the causes begin with the name of the field that each of them means */
export function invalid(field: string, ...causes: string[]): ApiError {
  return new ApiError(400, 'E0000001', `Api validation failed: ${field}`, causes)
}

export function notFound(id: string, type: string): ApiError {
  return new ApiError(404, 'E0000007', `Not found: Resource not found: ${id} (${type})`)
}

export const unreadableBody = () => new ApiError(400, 'E0000003', 'The request body was not well-formed.')

export const forbidden = () =>
  new ApiError(403, 'E0000006', 'You do not have permission to perform the requested action')

export const invalidToken = () => new ApiError(401, 'E0000011', 'Invalid token provided')
