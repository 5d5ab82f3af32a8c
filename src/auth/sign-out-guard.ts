/**
 * Who may end a session by a request to /logout. There is no token field: `Sec-Fetch-Site` decides (Fetch
 * Metadata, all current browsers); only where a client does not send it must `Origin`, if sent, be ours.
 */
import type { Request } from 'express'

/** Whether another site caused this request. */
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
