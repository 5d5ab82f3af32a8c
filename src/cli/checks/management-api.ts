/** The credentials for Okta's API: whether Okta accepts them, what they may do, how many calls are left. */
import { OktaFailure } from '../../okta/failure.js'
import { OktaRefusal } from '../okta-api.js'
import { After, type Check, failed, ok, unknown, type Verdict, warning } from './check.js'
import { credentialsOf } from './credentials.js'

/**
 * What is read for one check only may be out of reach: the app itself does not need it.
 * @returns nothing, so that the check says `unknown`
 */
export function cannotRead(error: unknown): Record<string, never> {
  if (error instanceof OktaRefusal || error instanceof OktaFailure) return {}
  throw error
}

/** For what the app’s credentials may not read. @param calming why that does no harm, and where a person can look */
export function unseen(what: string, calming: string): Verdict {
  const detail = `Nothing need be done${calming}`
  return unknown(`It cannot be seen from here whether ${what}: the app reads only users`, { detail })
}

const statusOf = (error: unknown) => (Object(error) as { status?: number }).status

export const apiCredentials: Check = async ({ config, users }, after) => {
  await after('org-url')
  const { settings, refused, reservation } = credentialsOf(config())
  try {
    await users()
  } catch (error) {
    const status = statusOf(error)
    if (error instanceof OktaRefusal && status === 401)
      throw new OktaFailure(refused, `Okta does not accept ${settings}`)
    if (status === 429) throw new After('rate-limit')
    if (status !== 403) throw error // 403: accepted, and may not read users, as `api-rights` says
  }
  const message = `Okta accepts ${settings}`
  return reservation ? warning(message, { remedy: reservation }) : ok(message)
}

export const apiRights: Check = async ({ user }, after) => {
  await after('api-credentials')
  try {
    if (await user()) return ok('The app may read users')
  } catch (error) {
    if (statusOf(error) === 429) throw new After('rate-limit')
    if (statusOf(error) === 403) throw new OktaFailure('api-scope', 'The app may not read users')
    throw error
  }
  return unknown('Okta shows no user to this app', { remedy: new OktaFailure('api-scope', '').remedy })
}

/** Okta counts calls for one user by id apart from others, so the headers of such a call matter to the app. */
export const rateLimit: Check = async ({ user }, after) => {
  await after('org-url')
  const remedy = 'Wait a minute. Admin Console: Reports > Rate Limits says who makes so many calls'
  let headers: Headers | undefined
  try {
    headers = (await user())?.headers
  } catch (error) {
    if (statusOf(error) === 429) return failed('Okta takes no more calls for now', { remedy })
    await after('api-rights')
    throw error
  }
  const limit = Number.parseInt(headers?.get('x-rate-limit-limit') ?? '', 10)
  const remaining = Number.parseInt(headers?.get('x-rate-limit-remaining') ?? '', 10)
  if (Number.isNaN(limit + remaining))
    return unknown('Okta does not tell how many calls are left. The app need not know')
  const message = `${remaining} of ${limit} calls are left until the limit is reset`
  return remaining < limit / 10 ? warning(message, { remedy }) : ok(message)
}
