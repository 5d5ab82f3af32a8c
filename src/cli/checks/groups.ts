/** Whether the groups that the lair is for are in the org, and whether the app may read who is in which group. */
import { OktaFailure } from '../../okta/failure.js'
import { GROUPS_REMEDY } from '../../users/okta-groups.js'
import type { OktaApi } from '../okta-api.js'
import { After, type Check, failed, ok, warning } from './check.js'

export const groups: Check = async ({ config, users, groupsApi }, after) => {
  await after('settings')
  const { lairGroups } = config()
  if (!lairGroups) return ok('LAIR_GROUPS is not used: the lair is for everybody who may sign in')
  await after('api-rights')
  try {
    const api = await groupsApi()
    const [user] = await users()
    if (user) await api.list(`/api/v1/users/${user.id}/groups?limit=1`)
    const missing = await missingOf(lairGroups, api)
    if (missing.length === 0) return ok('The org has every group of LAIR_GROUPS, and the app may read groups')
    const remedy =
      'Admin Console: Directory > Groups. Make the group, or correct LAIR_GROUPS: Okta’s names are compared letter by letter'
    const message = `The org has no group ${missing.map((name) => `“${name}”`).join(', ')}`
    return (missing.length === lairGroups.length ? failed : warning)(message, { remedy })
  } catch (error) {
    const { status, oauthError } = Object(error) as { status?: number; oauthError?: string }
    if (status === 429) throw new After('rate-limit')
    if (status !== 403 && oauthError !== 'invalid_scope') throw error
    throw new OktaFailure('api-scope', 'The app may not read the groups of users', { remedy: GROUPS_REMEDY })
  }
}

/** Okta's search may find names that are alike, so the check compares them once more. */
async function missingOf(names: string[], api: OktaApi): Promise<string[]> {
  const searches = names.map(async (name) => {
    const search = encodeURIComponent(`profile.name eq ${JSON.stringify(name)}`)
    const found = await api.list(`/api/v1/groups?search=${search}`)
    return found.some(({ profile }) => Object(profile).name === name) ? [] : [name]
  })
  return (await Promise.all(searches)).flat()
}
