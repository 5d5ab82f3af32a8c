/** The calls of Okta's Users API that the app makes, with Okta's headers and error bodies. */
import { type Request, type Response, Router } from 'express'
import { apiHeaders } from './api-headers.js'
import type { FaultsInside } from './faults.js'
import type { Authorize } from './management/authorization.js'
import { groupRecord } from './management/groups.js'
import type { Group } from './management/org.js'
import { sendPage } from './management/paging.js'
import { oktaError } from './okta-error.js'
import type { LocalPerson } from './people.js'

export interface UsersApiParts {
  authorize: Authorize
  orgUrl: string
  /** Looks a person up by id or login; `me` is the owner of the API token. */
  person(idOrLogin: string): LocalPerson | undefined
  groupsOf(personId: string): Group[]
  faults: Pick<FaultsInside, 'spoil' | 'skewSeconds'>
}

export function usersApi({ authorize, orgUrl, person, groupsOf, faults }: UsersApiParts): Router {
  const router = Router()

  router.use(apiHeaders(faults))

  /** For an access token that is not good enough (RFC 6750 section 3). */
  function challenge(status: number, scope: string): string {
    const error = status === 403 ? 'insufficient_scope' : 'invalid_token'
    return `Bearer authorization_uri="${orgUrl}/oauth2/v1/authorize", realm="${orgUrl}", scope="${scope}", error="${error}"`
  }

  // Before the check of the API token: a server that fails does not check it either.
  router.get('/users/:idOrLogin', async (req, res, next) => {
    const found = person(req.params.idOrLogin)
    const right = found && userRecord(found, orgUrl, true)
    if (!(await faults.spoil('users', found?.id, res, right))) next()
  })

  router.get('/users/:idOrLogin/groups', async (req, res, next) => {
    const found = person(req.params.idOrLogin)
    if (!(await faults.spoil('groups', found?.id, res, []))) next()
  })

  router.use(async (req, res, next) => {
    const refusal = await authorize(req)
    const scope = req.path.endsWith('/groups') ? 'okta.groups.read' : 'okta.users.read'
    if (refusal && req.get('authorization')?.startsWith('Bearer '))
      res.set('WWW-Authenticate', challenge(refusal.status, scope))
    if (refusal) return void res.status(refusal.status).json(refusal.body)
    next()
  })

  router.get('/users/:idOrLogin', (req: Request<{ idOrLogin: string }>, res) => {
    const found = known(req.params.idOrLogin, res)
    if (found) res.json(userRecord(found, orgUrl, /omitCredentials\b/.test(req.get('content-type') ?? '')))
  })

  router.get('/users/:idOrLogin/groups', (req: Request<{ idOrLogin: string }>, res) => {
    const found = known(req.params.idOrLogin, res)
    if (found) sendPage(req, res, groupsOf(found.id), (group) => groupRecord(group, orgUrl))
  })

  /** The person; if there is none, answers 404. */
  function known(idOrLogin: string, res: Response): LocalPerson | undefined {
    const found = person(idOrLogin)
    if (found?.known) return found
    refuse(res, 404, 'E0000007', `Not found: Resource not found: ${idOrLogin} (User)`)
    return undefined
  }

  router.use((_req, res) =>
    refuse(res, 404, 'E0000022', 'The endpoint does not support the provided HTTP method'),
  )
  return router
}

export function userRecord(person: LocalPerson, orgUrl: string, omitCredentials: boolean) {
  const since = '2025-01-23T10:00:00.000Z'
  return {
    id: person.id,
    status: person.status,
    created: since,
    activated: since,
    statusChanged: since,
    lastLogin: person.lastLogin,
    lastUpdated: since,
    passwordChanged: since,
    type: { id: 'oty00000000000000001' },
    profile: person.profile,
    ...(!omitCredentials && { credentials: { password: {}, provider: { type: 'OKTA', name: 'OKTA' } } }),
    _links: { self: { href: `${orgUrl}/api/v1/users/${person.id}` } },
  }
}

function refuse(res: Response, status: number, errorCode: string, errorSummary: string): void {
  res.status(status).json(oktaError(errorCode, errorSummary))
}
