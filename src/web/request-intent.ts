/** Who asks, and what for: told from the request's headers alone (Fetch Metadata, Accept, Origin). */
import type { Request } from 'express'

/** Whether the answer will be looked at as a page, by somebody who can follow us to Okta. `Accept: *\/*` alone counts. */
export function readsPages(req: Request): boolean {
  const mode = req.get('sec-fetch-mode') // absent in old browsers and in most scripts
  if (mode !== undefined && mode !== 'navigate') return false
  const accept = req.get('accept')?.trim() ?? '*/*'
  return accept === '*/*' || (/\b(html|xhtml\+xml|text\/\*)/.test(accept) && req.accepts('html') !== false)
}

/** Whether the page is to be part of another one: a frame, an object, the source of an image or a script. */
export function wantsToEmbed(req: Request): boolean {
  const destination = req.get('sec-fetch-dest')
  return destination !== undefined && destination !== 'document' && destination !== 'empty'
}

/**
 * Whether another site caused this request. `Sec-Fetch-Site` decides; only where a client does not send it must
 * `Origin`, if sent, be ours.
 */
export function causedElsewhere(req: Request, baseUrl: string): boolean {
  const site = req.get('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = req.get('origin')
  return origin !== undefined && origin !== baseUrl
}

/** Whether nobody means this request: a HEAD, or a page that a browser fetches ahead. */
export function onlyLooking(req: Request): boolean {
  const purpose = `${req.get('sec-purpose')} ${req.get('purpose')} ${req.get('x-moz')}`
  return req.method === 'HEAD' || /\b(prefetch|prerender|preview)\b/.test(purpose)
}
