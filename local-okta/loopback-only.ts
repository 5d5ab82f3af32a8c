/**
 * Keeps web sites away from the local Okta. A site can lead its own name to this machine (DNS rebinding); then the
 * header `Host` has that name. And it can send forms from a browser on this machine.
 */
import type { RequestHandler, Response } from 'express'
import { errorPage } from './pages.js'

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i
const READING = ['GET', 'HEAD', 'OPTIONS']

export const loopbackOnly: RequestHandler = function loopbackOnly(req, res, next) {
  if (!LOOPBACK.test(req.headers.host ?? '')) return refuse(res, 'This is not the org’s own host.')
  // An app sends people and forms to these endpoints. What they change needs a code, a token or a client secret.
  const isForApps = req.path.startsWith('/oauth2/')
  const { host, origin, 'sec-fetch-site': site = origin ? 'unknown' : 'none' } = req.headers
  const isOwn = ['same-origin', 'none'].includes(String(site)) || origin === `http://${host}`
  if (!READING.includes(req.method) && !isForApps && !isOwn)
    return refuse(res, 'Another site asked for this.')
  next()
}

function refuse(res: Response, sentence: string): void {
  res.status(403).format({
    html: () => res.send(errorPage('This is not allowed', sentence)),
    json: () => res.json({ error: sentence }),
  })
}
