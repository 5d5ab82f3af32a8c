/** The last handlers: for addresses without a page, and for errors. */
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Config } from '../config.js'
import type { Log } from '../log.js'
import { isLoopback } from '../setting-values.js'
import { SITE } from '../site.js'
import { HOME, PublicError } from './public-error.js'
import { readsPages } from './request-intent.js'
import { sendPage, TemplateError } from './templates.js'

export function notFound(): never {
  throw noPage()
}

function noPage(): PublicError {
  const details = { code: 'not_found', title: 'Nothing lives here' }
  return new PublicError(404, 'There is no page at this address.', details)
}

/** @param allow the methods that the path takes, as in the `Allow` header (RFC 9110 section 15.5.6) */
export function methodNotAllowed(allow: string): RequestHandler {
  return function methodNotAllowed(_req, res) {
    res.set('Allow', allow)
    const details = { code: 'method_not_allowed', title: 'Not that way' }
    throw new PublicError(405, 'This address does not take that kind of request.', details)
  }
}

/** With these statuses the app turns somebody away. The log then names the address and the subject. */
const TURNED_AWAY = new Set([401, 403, 429])

/** For errors with these codes the doctor (src/cli/doctor.ts) says more. */
const ASK_THE_DOCTOR = new Set(['okta_unavailable', 'access_policy', 'not_assigned', 'feature_not_enabled'])

/** Headers that Express may have set for a file before it failed to send the file. */
const OF_THE_FILE = ['Content-Encoding', 'Content-Type', 'ETag', 'Last-Modified', 'Accept-Ranges']

/** Answers every error. A `PublicError` shows its own sentence; any other error shows "Something went wrong". */
export function errorPages(
  config: Pick<Config, 'development' | 'oktaOrgUrl'>,
  log: Log,
): ErrorRequestHandler {
  const showRemedies = config.development
  const hasDoctor = !isLoopback(new URL(config.oktaOrgUrl).hostname) // with the local Okta it finds nothing to mend
  return function errorPages(error, req, res, next) {
    const { status, message, details } = toPublicError(error)
    const { code, title, nextSteps = [HOME], retryAfterSeconds, remedy, oauthError, cause } = details
    const { requestId: reference, person } = res.locals
    const { method, path, ip } = req
    const isFault = status >= 500 && cause !== undefined // without a cause Okta failed: the log has a line about it
    const who = TURNED_AWAY.has(status) ? { ip, subject: person?.subject } : {}
    const why = isFault ? { err: cause } : { reason: cause instanceof Error ? cause.message : undefined }
    const entry = { requestId: reference, method, path, ...who, code, oauthError, remedy, ...why }
    log[isFault ? 'error' : 'info'](entry, `answered ${status}`)

    if (res.headersSent) return next(error) // too late for a page: Express cuts the connection
    res.status(status).set('Cache-Control', 'no-store')
    for (const header of OF_THE_FILE) res.removeHeader(header)
    if (retryAfterSeconds !== undefined) res.set('Retry-After', String(retryAfterSeconds))
    const askDoctor = hasDoctor && ASK_THE_DOCTOR.has(code)
    const templateError = explanationOf(cause)
    const forDevelopers = showRemedies && { remedy: hint(code, remedy, askDoctor), oauthError, templateError }
    const shown = { status, title, message, nextSteps, reference, ...forDevelopers }
    const failed = (failure: unknown) => {
      const explanation = explanationOf(failure)
      if (explanation === undefined) next(failure)
      else res.type('text').send(explanation)
    }
    if (readsPages(req)) sendPage(res, 'error', shown, failed)
    else res.json({ error: code, message, reference })
  }
}

/** What the developer can do, for the page of `npm run dev`. */
function hint(code: string, remedy: string | undefined, askDoctor: boolean): string | undefined {
  if (code === 'internal_error') return 'The terminal has the error, with this reference'
  return remedy && askDoctor ? `${remedy}. Run npm run doctor` : remedy
}

/** Of an error in a template, in development. */
function explanationOf(error: unknown): string | undefined {
  return error instanceof TemplateError ? error.explanation : undefined
}

function toPublicError(error: unknown): PublicError {
  if (error instanceof PublicError) return error
  const { status, expose } = Object(error) as { status?: unknown; expose?: unknown }
  // Express throws 400 for a path that it cannot decode, 404 for a missing file, and 416 for a range outside of a file.
  if (status === 400 || status === 404) return noPage()
  if (expose === true && typeof status === 'number' && status > 404 && status < 500) {
    const details = { code: 'unanswerable', title: 'The echo makes no sense' }
    return new PublicError(status, 'This request cannot be answered the way it was put.', details)
  }
  const details = { code: 'internal_error', title: `${SITE.name} shook`, cause: error }
  return new PublicError(500, 'Something went wrong here. It has been noted.', details)
}
