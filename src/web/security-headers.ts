/** What browsers may do with our answers: on every answer, the dullest too. Pages that need more say so themselves. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'
import type { AppConfig } from '../config.js'

/** What the browser need not offer to our pages or to the GIF. Only names that browsers know: others make them warn. */
const UNUSED_FEATURES = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'screen-wake-lock',
  'usb',
  'xr-spatial-tracking',
]

export function securityHeaders(config: AppConfig): RequestHandler {
  const okta = new URL(config.oktaIssuer).origin
  const permissions = UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', ')
  const standard = headersOf(
    helmet({
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
      crossOriginEmbedderPolicy: { policy: 'require-corp' },
      // Not no-referrer: browsers would then send `Origin: null` with our own sign-out form.
      referrerPolicy: { policy: 'same-origin' },
      xFrameOptions: { action: 'deny' },
      strictTransportSecurity: config.baseUrl.startsWith('https:') && { maxAge: 365 * 24 * 60 * 60 },
    }),
  )
  const headers = Object.entries({
    ...standard,
    'Permissions-Policy': permissions,
    'Cache-Control': 'no-store', // most answers depend on who asks; what does not says so itself
  })
  return function securityHeaders(_req, res, next) {
    for (const [name, value] of headers) res.setHeader(name, value)
    next()
  }
}

/** What helmet sets is the same for every answer, so that it need not be worked out each time. */
function headersOf(middleware: ReturnType<typeof helmet>): Record<string, string> {
  const headers: Record<string, string> = {}
  const recorder = {
    setHeader(name: string, value: string) {
      headers[name] = value
    },
    removeHeader: () => undefined,
  }
  middleware({} as IncomingMessage, recorder as unknown as ServerResponse, () => undefined)
  return headers
}

/** Lets this one page show frames from `origin`, which need not agree to be embedded (COEP would ask them to). */
export function allowFrame(res: Response, origin: string): void {
  res.removeHeader('Cross-Origin-Embedder-Policy')
  res.setHeader('Content-Security-Policy', `${res.getHeader('Content-Security-Policy')};frame-src ${origin}`)
}
