import { randomUUID } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'

/** Names each request, so that the reference on an error page finds its line in the log. */
export function requestId(_req: Request, res: Response, next: NextFunction): void {
  res.locals.requestId = randomUUID()
  next()
}
