/** Probes for whatever runs the process. They open no session and ask nobody. */
import type { RequestHandler } from 'express'

export function alive(): RequestHandler {
  return function alive(_req, res) {
    res.type('text').send('ok\n')
  }
}

/** @param missing names what signing in would fail for just now */
export function ready(missing: () => string[]): RequestHandler {
  return function ready(_req, res) {
    const parts = missing()
    res.status(parts.length === 0 ? 200 : 503).json({ ready: parts.length === 0, missing: parts })
  }
}
