import { Router } from 'express'
import { methodNotAllowed } from '../middleware/error-pages.js'

/**
 * Probes for whatever runs the process. They open no session and ask nobody.
 * @param missing names what signing in would fail for just now
 */
export function health(missing: () => string[]): Router {
  const router = Router()
  router
    .route('/healthz')
    .get((_req, res) => void res.type('text').send('ok\n'))
    .all(methodNotAllowed('GET, HEAD'))
  router
    .route('/readyz')
    .get((_req, res) => {
      const parts = missing()
      res.status(parts.length === 0 ? 200 : 503).json({ ready: parts.length === 0, missing: parts })
    })
    .all(methodNotAllowed('GET, HEAD'))
  return router
}
