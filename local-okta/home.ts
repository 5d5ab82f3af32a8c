/** The home page of the org, and the style of all its pages. */
import { Router } from 'express'
import { homePage, STYLE } from './pages.js'

export function home(orgUrl: string): Router {
  const router = Router()
  router.get('/', (_req, res) => void res.send(homePage(orgUrl)))
  // Browsers may cache it: while the org is down, the page that says so cannot load it.
  router.get('/local-okta.css', (_req, res) => {
    res.type('css').set('Cache-Control', 'max-age=3600').send(STYLE)
  })
  return router
}
