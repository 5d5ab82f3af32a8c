/** Answers for the system that runs the process. They need no session and do not ask Okta. */
import type { Request, RequestHandler, Response } from 'express'

export function alive(_req: Request, res: Response): void {
  res.type('text').send('ok\n')
}

/**
 * @param missing names what a sign-in needs and the app does not have now
 * @param degraded names what the app can do without, and does not have now
 */
export function ready(missing: () => string[], degraded: () => string[]): RequestHandler {
  return function ready(_req, res) {
    const parts = missing()
    const answer = { ready: parts.length === 0, missing: parts, degraded: degraded() }
    res.status(answer.ready ? 200 : 503).json(answer)
  }
}
