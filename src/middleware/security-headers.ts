/** What browsers may do with our answers: on every answer, the dullest too. Pages that need more say so themselves. */
import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'
import type { AppConfig } from '../config.js'

export function securityHeaders(config: AppConfig): RequestHandler {
  const okta = new URL(config.okta.issuer).origin
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        // Signing out is a form whose answer redirects to Okta; Chromium applies this to each hop.
        formAction: ["'self'", okta],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Not no-referrer: browsers would then send `Origin: null` with our own sign-out form.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: config.baseUrl.startsWith('https:') && { maxAge: 365 * 24 * 60 * 60 },
  })
}

/** Lets this one page show frames from `origin`. */
export function allowFrame(res: Response, origin: string): void {
  res.setHeader('Content-Security-Policy', `${res.getHeader('Content-Security-Policy')};frame-src ${origin}`)
}

/** For everything that depends on who asks: no cache keeps it, on the way or in the browser. */
export function noStore(): RequestHandler {
  return function noStore(_req, res, next) {
    res.set('Cache-Control', 'no-store')
    next()
  }
}
