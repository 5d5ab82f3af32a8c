import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'

/** Names each request, so that the reference on an error page finds its line in the log. */
export function requestId(): RequestHandler {
  return function requestId(_req, res, next) {
    res.locals.requestId = randomUUID()
    next()
  }
}
