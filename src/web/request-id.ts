import { randomUUID } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'

/** Gives each request an id. An error page shows it as "Reference", and the log has it, too. */
export function requestId(_req: Request, res: Response, next: NextFunction): void {
  res.locals.requestId = randomUUID()
  next()
}
