/** Headers that limit what browsers may do with our answers. Every answer has them; a page may change its own. */
import type { RequestHandler, Response } from 'express'
import type { AppConfig } from '../config.js'

/** Browser features that neither our pages nor the GIF need. Other names are left out: browsers warn of unknown ones. */
const UNUSED_FEATURES =
  'accelerometer browsing-topics camera display-capture geolocation gyroscope magnetometer microphone midi payment publickey-credentials-get screen-wake-lock usb xr-spatial-tracking'

const YEAR_SECONDS = 365 * 24 * 60 * 60

/** The headers of every answer, by name. */
export function headersOf({ baseUrl, oktaIssuer }: AppConfig): [name: string, value: string][] {
  // The answer to the sign-out form redirects to Okta, and Chromium applies form-action to redirects, too.
  const formAction = `form-action 'self' ${new URL(oktaIssuer).origin}`
  return Object.entries({
    'Content-Security-Policy': `default-src 'none';style-src 'self';font-src 'self';img-src 'self';${formAction};base-uri 'none';frame-ancestors 'none'`,
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Origin-Agent-Cluster': '?1',
    'Permissions-Policy': UNUSED_FEATURES.split(' ')
      .map((feature) => `${feature}=()`)
      .join(', '),
    'Referrer-Policy': 'same-origin', // with no-referrer, browsers would send `Origin: null` with our sign-out form
    'X-Content-Type-Options': 'nosniff',
    'X-DNS-Prefetch-Control': 'off',
    'X-Frame-Options': 'DENY',
    'Cache-Control': 'no-store', // most answers depend on the session; the others change it
    ...(baseUrl.startsWith('https:') && {
      'Strict-Transport-Security': `max-age=${YEAR_SECONDS}; includeSubDomains`,
    }),
  })
}

export function securityHeaders(config: AppConfig): RequestHandler {
  const headers = headersOf(config)
  return function securityHeaders(_req, res, next) {
    for (const [name, value] of headers) res.setHeader(name, value)
    next()
  }
}

/** Lets this page show frames and objects from `origin`. It removes COEP, which only lets in frames that agree to be embedded. */
export function allowFrame(res: Response, origin: string): void {
  res.removeHeader('Cross-Origin-Embedder-Policy')
  res.setHeader(
    'Content-Security-Policy',
    `${res.getHeader('Content-Security-Policy')};frame-src ${origin};object-src ${origin}`,
  )
}
