/** /api/v1/apps: the apps themselves. */
import { type Request, Router } from 'express'
import { ApiError, notFound, unreadableBody } from './api-error.js'
import { type App, replaceApp } from './app.js'
import { appRecord, secretRecord } from './app-record.js'
import { isObject, type Json } from './json.js'
import type { Org } from './org.js'
import { queryText, sendPage } from './paging.js'

export function apps(org: Org): Router {
  const router = Router()

  router.get('/', (req, res) => {
    const q = queryText(req, 'q').toLowerCase()
    const matches = ({ sent }: App) =>
      [sent.label, String(sent.name)].some((text) => text.toLowerCase().startsWith(q))
    const found = filtered(org.apps, queryText(req, 'filter')).filter(matches)
    sendPage(req, res, found, (app) => appRecord(app, org.url, false))
  })

  router.post('/', (req, res) => {
    const app = org.addApp(bodyOf(req), queryText(req, 'activate') !== 'false')
    res.json(appRecord(app, org.url, true))
  })

  router
    .route('/:id')
    .get((req, res) => void res.json(appRecord(appOf(org, req), org.url, false)))
    .put((req, res) => {
      const app = appOf(org, req)
      replaceApp(app, bodyOf(req), org.now())
      res.json(appRecord(app, org.url, true))
    })
    .delete((req, res) => {
      const app = appOf(org, req)
      if (app.status === 'ACTIVE') {
        throw new ApiError(403, 'E0000056', 'Delete application forbidden.', [
          'The application must be deactivated before deletion.',
        ])
      }
      org.apps.splice(org.apps.indexOf(app), 1)
      res.status(204).end()
    })

  router.post('/:id/lifecycle/:change', (req, res, next) => {
    const status = { activate: 'ACTIVE', deactivate: 'INACTIVE' }[req.params.change] as
      | App['status']
      | undefined
    if (!status) return next()
    Object.assign(appOf(org, req), { status, lastUpdated: org.now() })
    res.json({})
  })

  router.get('/:id/credentials/secrets', (req, res) => {
    res.json(secretRecord(appOf(org, req), org.url))
  })
  return router
}

/** @throws {ApiError} if the path names no app */
export function appOf(org: Org, req: Request<{ id: string }>): App {
  const { id } = req.params
  const app = org.apps.find((candidate) => candidate.id === id)
  if (!app) throw notFound(id, 'AppInstance')
  return app
}

/** @throws {ApiError} if the body is no object */
export function bodyOf(req: Request): Json {
  const isEmpty = req.headers['content-length'] === '0' // Express makes an object of it
  if (isEmpty || !isObject(req.body)) throw unreadableBody()
  return req.body
}

/** Okta filters apps by few fields; here it is `id`, `name` and `status`, each with `eq`. */
function filtered(apps: App[], filter: string): App[] {
  if (filter === '') return apps
  const [, field, value] = /^\s*(id|name|status) eq "([^"]*)"\s*$/.exec(filter) ?? []
  if (!field) throw new ApiError(400, 'E0000031', 'Invalid search criteria.')
  return apps.filter((app) => (field === 'name' ? app.sent.name : app[field as 'id' | 'status']) === value)
}
