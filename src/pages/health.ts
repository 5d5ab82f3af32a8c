/** Answers for the system that runs the process. They need no session and do not ask Okta. */
import type { Request, RequestHandler, Response } from 'express'

export function alive(_req: Request, res: Response): void {
  res.type('text').send('ok\n')
}

/** @param missing names what a sign-in needs and the app does not have now */
export function ready(missing: () => string[]): RequestHandler {
  return function ready(_req, res) {
    const parts = missing()
    res.status(parts.length === 0 ? 200 : 503).json({ ready: parts.length === 0, missing: parts })
  }
}
