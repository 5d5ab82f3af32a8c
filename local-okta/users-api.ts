/** The calls of Okta's Users API that the app makes, with Okta's headers and error bodies. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { type Request, type Response, Router } from 'express'
import type { FaultsInside } from './faults.js'
import { oktaError } from './okta-error.js'
import type { LocalPerson } from './people.js'

const RATE_LIMIT_PER_MINUTE = 600

export interface UsersApiParts {
  apiToken: string
  orgUrl(): string
  /** Looks a person up by id or login; `me` is the owner of the API token. */
  person(idOrLogin: string): LocalPerson | undefined
  faults: Pick<FaultsInside, 'spoil' | 'skewSeconds'>
}

export function usersApi({ apiToken, orgUrl, person, faults }: UsersApiParts): Router {
  const router = Router()
  let remaining = RATE_LIMIT_PER_MINUTE
  let reset = 0

  router.use((_req, res, next) => {
    const now = Math.floor(Date.now() / 1000)
    if (now >= reset) [remaining, reset] = [RATE_LIMIT_PER_MINUTE, now + 60]
    remaining = Math.max(0, remaining - 1)
    res.set({
      'X-Okta-Request-Id': randomBytes(12).toString('base64url'),
      'X-Rate-Limit-Limit': String(RATE_LIMIT_PER_MINUTE),
      'X-Rate-Limit-Remaining': String(remaining),
      'X-Rate-Limit-Reset': String(reset + faults.skewSeconds()),
      'Cache-Control': 'no-cache, no-store',
    })
    next()
  })

  // Before the check of the API token: a server that fails does not check it either.
  router.get('/users/:idOrLogin', async (req, res, next) => {
    const found = person(req.params.idOrLogin)
    const right = found && record(found, orgUrl(), true)
    if (!(await faults.spoil('users', found?.id, res, right))) next()
  })

  router.use((req, res, next) => {
    const [scheme, token = ''] = (req.get('authorization') ?? '').split(' ')
    if (scheme !== 'SSWS' || !same(token, apiToken)) {
      return refuse(res, 401, 'E0000011', 'Invalid token provided')
    }
    next()
  })

  router.get('/users/:idOrLogin', (req: Request<{ idOrLogin: string }>, res) => {
    const { idOrLogin } = req.params
    const found = person(idOrLogin)
    if (!found?.known) {
      return refuse(res, 404, 'E0000007', `Not found: Resource not found: ${idOrLogin} (User)`)
    }
    res.json(record(found, orgUrl(), /omitCredentials\b/.test(req.get('content-type') ?? '')))
  })

  router.use((_req, res) =>
    refuse(res, 404, 'E0000022', 'The endpoint does not support the provided HTTP method'),
  )
  return router
}

function record(person: LocalPerson, orgUrl: string, omitCredentials: boolean) {
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

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
