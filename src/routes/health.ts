import { Router } from 'express'
import { methodNotAllowed } from '../middleware/error-pages.js'

/** Probes for whatever runs the process. They open no session and ask nobody. */
export function health(): Router {
  const router = Router()
  router
    .route('/healthz')
    .get((_req, res) => void res.type('text').send('ok\n'))
    .all(methodNotAllowed('GET, HEAD'))
  return router
}
