/** /api/v1/apps/{id}/groups and /users: to whom an app is assigned. */
import { type Request, Router } from 'express'
import { notFound } from './api-error.js'
import type { App } from './app.js'
import { appOf } from './apps.js'
import { type Group, isAssigned, type Org } from './org.js'
import { sendPage } from './paging.js'

export function assignments(org: Org): Router {
  const router = Router()

  router.get('/:id/groups', (req, res) => {
    const app = appOf(org, req)
    const assigned = org.groups.filter(({ id }) => app.groups.has(id))
    sendPage(req, res, assigned, (group) => record(app, group), 20)
  })

  router
    .route('/:id/groups/:groupId')
    .get((req, res) => {
      const [app, group] = both(req)
      if (!app.groups.has(group.id)) throw notFound(group.id, 'AppGroupAssignment')
      res.json(record(app, group))
    })
    .put((req, res) => {
      const [app, group] = both(req)
      app.groups.set(group.id, org.now())
      res.json(record(app, group))
    })
    .delete((req, res) => {
      const [app, group] = both(req)
      if (!app.groups.delete(group.id)) throw notFound(group.id, 'AppGroupAssignment')
      res.status(204).end()
    })

  router.get('/:id/users', (req, res) => {
    const app = appOf(org, req)
    const assigned = org.people
      .map(org.effective)
      .filter((person) => person.known && isAssigned(org, app, person))
    sendPage(
      req,
      res,
      assigned,
      ({ id, profile }) => ({
        id,
        externalId: null,
        created: app.created,
        lastUpdated: app.created,
        scope: 'GROUP',
        status: 'ACTIVE',
        statusChanged: app.created,
        passwordChanged: null,
        syncState: 'DISABLED',
        credentials: { userName: profile.login },
        profile: {},
        _links: {
          app: { href: `${org.url}/api/v1/apps/${app.id}` },
          user: { href: `${org.url}/api/v1/users/${id}` },
        },
      }),
      50,
    )
  })

  function both(req: Request<{ id: string; groupId: string }>): [App, Group] {
    const app = appOf(org, req)
    const group = org.groups.find(({ id }) => id === req.params.groupId)
    if (!group) throw notFound(req.params.groupId, 'UserGroup')
    return [app, group]
  }

  function record(app: App, { id }: Group) {
    const href = `${org.url}/api/v1/apps/${app.id}`
    return {
      id,
      priority: [...app.groups.keys()].indexOf(id),
      lastUpdated: app.groups.get(id),
      profile: {},
      _links: {
        app: { href },
        self: { href: `${href}/groups/${id}` },
        group: { href: `${org.url}/api/v1/groups/${id}` },
      },
    }
  }
  return router
}
