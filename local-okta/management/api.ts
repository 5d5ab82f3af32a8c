/**
 * Okta's management API, as far as a set-up and a check of the settings need it. The Users API that the app itself
 * asks is not here: `GET /api/v1/users/{id}` and its groups are in `users-api.ts`, with their own faults.
 */
import express, { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import { apiHeaders } from '../api-headers.js'
import type { FaultsInside } from '../faults.js'
import { ApiError, unreadableBody } from './api-error.js'
import { apps } from './apps.js'
import { assignments } from './assignments.js'
import { type Authorize, callOf } from './authorization.js'
import { authorizationServers } from './authorization-servers.js'
import { globalTokenRevocation } from './global-token-revocation.js'
import { clientRoles, grants } from './grants.js'
import { groups } from './groups.js'
import { type UsersParts, users } from './users.js'

export interface ManagementApiParts extends UsersParts {
  authorize: Authorize
  faults: Pick<FaultsInside, 'skewSeconds' | 'spoil' | 'spoilManagement'>
}

export function managementApi({ org, endSessions, authorize, faults }: ManagementApiParts): Router {
  const admit: RequestHandler = async (req, _res, next) => next(await authorize(req))
  const fail: RequestHandler = async (req, res, next) => {
    if (!(await faults.spoilManagement(callOf(req), res))) next()
  }
  const before = [apiHeaders(faults), fail, admit, express.json()]

  const api = Router()
  api.use((req, _res, next) => next(isUsersApi(req) ? 'router' : undefined))
  api.use(before)
  api.use('/apps', apps(org), assignments(org), grants(org))
  api.use('/groups', groups(org))
  api.use('/users', users({ org, endSessions }))
  api.use('/authorizationServers', authorizationServers(org))
  api.get('/org', (_req, res) => {
    const [companyName, subdomain] = ['Local Okta', new URL(org.url).hostname]
    res.json({ id: org.id, companyName, subdomain, status: 'ACTIVE', website: null, _links: {} })
  })
  api.use(noSuchEndpoint)

  const router = Router()
  router.get('/.well-known/okta-organization', (_req, res) => {
    res.json({ id: org.id, pipeline: 'idx', _links: { organization: { href: org.url } } })
  })
  // As for one user: a Users API that fails does not check the token either.
  router.get('/api/v1/users', async (_req, res, next) => {
    if (!(await faults.spoil('users', undefined, res, []))) next()
  })
  router.use('/api/v1', api)
  router.use('/oauth2/v1/clients', before, clientRoles(org), noSuchEndpoint)
  router.post('/oauth2/v1/global-token-revocation', before, globalTokenRevocation({ org, endSessions }))
  router.use(onError)
  return router
}

function isUsersApi({ method, path }: Request): boolean {
  return ['GET', 'HEAD'].includes(method) && /^\/users\/[^/]+(\/groups)?$/.test(path) && path !== '/users/me'
}

const noSuchEndpoint: RequestHandler = () => {
  throw new ApiError(404, 'E0000022', 'The endpoint does not support the provided HTTP method')
}

const onError: ErrorRequestHandler = (error, _req, res, next) => {
  const refusal = error.type === 'entity.parse.failed' ? unreadableBody() : error
  if (!(refusal instanceof ApiError)) return next(error)
  res.status(refusal.status).json(refusal.body)
}
