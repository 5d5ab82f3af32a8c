/** Sets the headers that every answer of Okta's API has: a request id, and how many requests are left in this minute. */
import { randomBytes } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { FaultsInside } from './faults.js'

const RATE_LIMIT_PER_MINUTE = 600

/** Each call of this function makes a rate limit of its own, as Okta has one for each part of its API. */
export function apiHeaders(faults: Pick<FaultsInside, 'skewSeconds'>): RequestHandler {
  let remaining = RATE_LIMIT_PER_MINUTE
  let reset = 0

  return function apiHeaders(_req, res, next) {
    const now = Math.floor(Date.now() / 1000)
    if (now >= reset) [remaining, reset] = [RATE_LIMIT_PER_MINUTE, now + 60]
    remaining = Math.max(0, remaining - 1)
    res.set({
      'X-Okta-Request-Id': randomBytes(12).toString('base64url'),
      'X-Rate-Limit-Limit': String(RATE_LIMIT_PER_MINUTE),
      'X-Rate-Limit-Remaining': String(remaining),
      'X-Rate-Limit-Reset': String(reset + faults.skewSeconds()),
      'Cache-Control': 'no-cache, no-store',
    })
    next()
  }
}
