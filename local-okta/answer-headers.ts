/** Headers of answers: on every one a strict policy for the pages, and the time by the org's clock. */
import type { RequestHandler } from 'express'
import type { FaultsInside } from './faults.js'

export function answerHeaders(faults: FaultsInside): RequestHandler {
  return function answerHeaders(_req, res, next) {
    res.set({
      // `script-src` allows no script. On its page for `form_post`, oidc-provider adds the hash of the one script there.
      'Content-Security-Policy':
        "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; script-src",
      Date: new Date(Date.now() + faults.skewSeconds() * 1000).toUTCString(),
    })
    next()
  }
}

/** For pages that change with each form. */
export const noStore: RequestHandler = function noStore(_req, res, next) {
  res.set('Cache-Control', 'no-store')
  next()
}
