/** /api/v1/apps/{id}/grants and /oauth2/v1/clients/{id}/roles: what a service app may do with Okta's API. */
import { type Request, Router } from 'express'
import { ApiError, invalid, notFound } from './api-error.js'
import type { App, Grant, Role } from './app.js'
import { appOf, bodyOf } from './apps.js'
import { newId } from './ids.js'
import { isText } from './json.js'
import type { Org } from './org.js'

const OWNER = '00u00000000000000001'
const SCOPE = /^okta\.\w+\.(read|manage)$/

const ROLES: Record<string, string> = {
  SUPER_ADMIN: 'Super Administrator',
  ORG_ADMIN: 'Organization Administrator',
  APP_ADMIN: 'Application Administrator',
  API_ACCESS_MANAGEMENT_ADMIN: 'API Access Management Administrator',
  USER_ADMIN: 'Group Administrator',
  HELP_DESK_ADMIN: 'Help Desk Administrator',
  READ_ONLY_ADMIN: 'Read-only Administrator',
}

export function grants(org: Org): Router {
  const router = Router()

  router
    .route('/:id/grants')
    .get((req, res) => {
      const app = appOf(org, req)
      res.json(app.grants.map((grant) => record(app, grant)))
    })
    .post((req, res) => {
      const app = appOf(org, req)
      const { scopeId, issuer } = bodyOf(req)
      if (!isText(scopeId) || !SCOPE.test(scopeId)) throw invalid('scopeId', 'scopeId: Invalid scope')
      if (issuer !== org.url) throw invalid('issuer', 'issuer: Must be the URL of the org')
      const before = app.grants.find((grant) => grant.scopeId === scopeId)
      const grant = before ?? { id: newId('oag'), scopeId, created: org.now() }
      if (!before) app.grants.push(grant)
      res.status(201).json(record(app, grant))
    })

  router.route('/:id/grants/:grantId').get((req, res) => void res.json(record(...both(req))))
  router.route('/:id/grants/:grantId').delete((req, res) => {
    const [app, grant] = both(req)
    app.grants.splice(app.grants.indexOf(grant), 1)
    res.status(204).end()
  })

  function both(req: Request<{ id: string; grantId: string }>): [App, Grant] {
    const app = appOf(org, req)
    const grant = app.grants.find(({ id }) => id === req.params.grantId)
    if (!grant) throw notFound(req.params.grantId, 'OAuth2ScopeConsentGrant')
    return [app, grant]
  }

  function record(app: App, { id, scopeId, created }: Grant) {
    const href = `${org.url}/api/v1/apps/${app.id}`
    const title = app.sent.label
    return {
      id,
      status: 'ACTIVE',
      created,
      createdBy: { id: OWNER, type: 'User' },
      lastUpdated: created,
      issuer: org.url,
      clientId: app.clientId,
      scopeId,
      source: 'ADMIN',
      _embedded: { scope: { id: scopeId } },
      _links: {
        app: { href, title },
        self: { href: `${href}/grants/${id}`, hints: { allow: ['GET', 'DELETE'] } },
        client: { href: `${org.url}/oauth2/v1/clients/${app.clientId}`, title },
      },
    }
  }
  return router
}

export function clientRoles(org: Org): Router {
  const router = Router()

  router
    .route('/:clientId/roles')
    .get((req, res) => {
      const app = clientOf(req.params.clientId)
      res.json(app.roles.map((role) => record(app, role)))
    })
    .post((req, res) => {
      const app = clientOf(req.params.clientId)
      const { type } = bodyOf(req)
      if (!isText(type) || !(type in ROLES)) throw invalid('type', 'type: Invalid role type')
      if (app.roles.some((role) => role.type === type))
        throw new ApiError(409, 'E0000090', 'Duplicate role assignment exception.')
      const role = { id: newId('KVJ'), type, created: org.now() }
      app.roles.push(role)
      res.json(record(app, role))
    })

  router.delete('/:clientId/roles/:roleId', (req, res) => {
    const app = clientOf(req.params.clientId)
    const role = app.roles.find(({ id }) => id === req.params.roleId)
    if (!role) throw notFound(req.params.roleId, 'RoleAssignment')
    app.roles.splice(app.roles.indexOf(role), 1)
    res.status(204).end()
  })

  function clientOf(clientId: string): App {
    const app = org.appOf(clientId)
    if (!app) throw notFound(clientId, 'PublicClientApp')
    return app
  }

  function record(app: App, { id, type, created }: Role) {
    return {
      id,
      label: ROLES[type],
      type,
      status: 'ACTIVE',
      created,
      lastUpdated: created,
      assignmentType: 'CLIENT',
      _links: { assignee: { href: `${org.url}/oauth2/v1/clients/${app.clientId}` } },
    }
  }
  return router
}
