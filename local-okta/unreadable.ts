/** Answers a request that Express cannot read, such as one with a path that cannot be decoded: a page, and no log line. */
import type { ErrorRequestHandler } from 'express'
import { OWN_PAGES } from './okta-words.js'
import { errorPage } from './pages.js'

export const unreadable: ErrorRequestHandler = (error, _req, res, next) => {
  const { status } = Object(error) as { status?: unknown }
  const isRefusal = typeof status === 'number' && status >= 400 && status < 500
  if (!isRefusal || res.headersSent) return next(error) // Express prints the error with its stack
  res.status(status).send(errorPage(OWN_PAGES.title))
}
