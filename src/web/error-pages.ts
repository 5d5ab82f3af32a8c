/** The last stops: what is shown where there is no page, and when something goes wrong. */
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Log } from '../log.js'
import * as errors from './public-error.js'
import { readsPages } from './request-intent.js'
import { sendPage } from './templates.js'

export function notFound(): RequestHandler {
  return function notFound() {
    throw errors.notFound()
  }
}

/** @param allow the methods that the path does take, as the `Allow` header lists them (RFC 9110 section 15.5.6) */
export function methodNotAllowed(allow: string): RequestHandler {
  return function methodNotAllowed(_req, res) {
    res.set('Allow', allow)
    throw errors.methodNotAllowed()
  }
}

/** What may have been said already about a file that could not be sent. */
const OF_THE_FILE = ['Content-Encoding', 'Content-Type', 'ETag', 'Last-Modified', 'Accept-Ranges']

/** Shows any error: its own sentence if it is a `PublicError`, else "something went wrong" with a reference. */
export function errorPages(options: { log: Log; showRemedies: boolean }): ErrorRequestHandler {
  const { log, showRemedies } = options
  return function errorPages(error, req, res, next) {
    const shown = toPublicError(error)
    const { status, code, title, message, nextSteps, retryAfterSeconds } = shown
    const remedy = showRemedies ? shown.remedy : undefined
    const reference = res.locals.requestId
    const { method, path } = req
    const err = shown.cause === undefined ? {} : { err: shown.cause }
    const entry = { requestId: reference, method, path, code, ...err }
    const msg = `answered ${status}`
    // Without a cause it is Okta's doing, of which the log has told once.
    if (status >= 500 && shown.cause !== undefined) log.error(entry, msg)
    else log.info(entry, msg)

    if (res.headersSent) return next(error) // too late for a page: Express cuts the connection
    res.status(status).set('Cache-Control', 'no-store')
    for (const header of OF_THE_FILE) res.removeHeader(header)
    if (retryAfterSeconds !== undefined) res.set('Retry-After', String(retryAfterSeconds))
    if (readsPages(req)) sendPage(res, 'error', { status, title, message, nextSteps, reference, remedy })
    else res.json({ error: code, message, reference })
  }
}

function toPublicError(error: unknown): errors.PublicError {
  if (error instanceof errors.PublicError) return error
  const { status, expose } = Object(error) as { status?: unknown; expose?: unknown }
  // Express's own: a path that cannot be decoded is a path at which there is nothing.
  if (status === 400 || status === 404) return errors.notFound()
  if (expose === true && typeof status === 'number' && status > 404 && status < 500) {
    return errors.unanswerable(status)
  }
  return new errors.PublicError(500, 'Something went wrong here. It has been noted.', {
    code: 'internal_error',
    title: 'The lair shook',
    cause: error,
  })
}
