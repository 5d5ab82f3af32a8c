/** What a request is for, as its headers say (Fetch Metadata, Accept, Origin). */
import type { NextFunction, Request, Response } from 'express'
import { PublicError } from './public-error.js'

/** Middleware: refuses a request that does not name one host (RFC 9112 section 3.2). @throws {PublicError} 400 */
export function requireHost(req: Request, _res: Response, next: NextFunction): void {
  const { host } = req.headers
  const isOne = host === undefined ? req.httpVersion === '1.0' : !host.includes(',')
  const details = { code: 'no_host', title: 'Nobody was asked for' }
  if (!isOne) throw new PublicError(400, 'This request does not name one host.', details)
  next()
}

/** Whether a person will see the answer, and could sign in at Okta. `Accept: *\/*` alone counts as a person's. */
export function readsPages(req: Request): boolean {
  const mode = req.get('sec-fetch-mode') // old browsers and most scripts do not send it
  if (mode !== undefined && mode !== 'navigate') return false
  const accept = req.get('accept')?.trim() ?? '*/*'
  return accept === '*/*' || (/\b(html|xhtml\+xml|text\/\*)/.test(accept) && req.accepts('html') !== false)
}

/**
 * Refuses a request for a part of another page: a frame, an object, an image, a script. Another site could hide our
 * page in a frame and make a person click on it.
 * @throws {PublicError} 403
 */
export function refuseEmbedding(req: Request): void {
  const destination = req.get('sec-fetch-dest')
  if (destination === undefined || destination === 'document' || destination === 'empty') return
  const details = { code: 'embedding_refused', title: 'Come to the gate yourself' }
  throw new PublicError(403, 'This page does not show itself inside another one.', details)
}

/**
 * Whether another site caused this request. `Sec-Fetch-Site` decides. If the client does not send it, `Origin` decides.
 * If the client sends neither, no other site did.
 */
export function causedElsewhere(req: Request, baseUrl: string): boolean {
  const site = req.get('sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = req.get('origin')
  return origin !== undefined && origin !== baseUrl
}

/** Whether no person has asked for this page: it is a HEAD request, or the browser fetches the page in advance. */
export function onlyLooking(req: Request): boolean {
  const purpose = `${req.get('sec-purpose')} ${req.get('purpose')} ${req.get('x-moz')}`
  return req.method === 'HEAD' || /\b(prefetch|prerender|preview)\b/.test(purpose)
}
