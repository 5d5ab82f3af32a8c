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
    const counts = await Promise.all(lairGroups.map((name) => countOf(name, api)))
    const named = (isMeant: (count: number) => boolean) =>
      lairGroups.filter((_name, index) => isMeant(counts[index] ?? 0))
    const [missing, ambiguous] = [named((count) => count === 0), named((count) => count > 1)]
    if (missing.length + ambiguous.length === 0)
      return ok('The org has every group of LAIR_GROUPS, and the app may read groups')
    if (missing.length === 0)
      return warning(`The org has several groups of the name ${listed(ambiguous)}: each opens the lair`, {
        remedy:
          'Admin Console: Directory > Groups. A connected directory can bring such a group along: rename one of them',
      })
    const remedy =
      'Admin Console: Directory > Groups. Make the group, or correct LAIR_GROUPS: Okta’s names are compared letter by letter'
    const message = `The org has no group ${listed(missing)}`
    return (missing.length === lairGroups.length ? failed : warning)(message, { remedy })
  } catch (error) {
    const { status, oauthError } = Object(error) as { status?: number; oauthError?: string }
    if (status === 429) throw new After('rate-limit')
    if (status !== 403 && oauthError !== 'invalid_scope') throw error
    throw new OktaFailure('api-scope', 'The app may not read the groups of users', { remedy: GROUPS_REMEDY })
  }
}

/** How many groups have the name. Okta's search may find names that are alike, so the check compares them once more. */
async function countOf(name: string, api: OktaApi): Promise<number> {
  const search = encodeURIComponent(`profile.name eq ${JSON.stringify(name)}`)
  const found = await api.list(`/api/v1/groups?search=${search}`)
  return found.filter(({ profile }) => Object(profile).name === name).length
}

const listed = (names: string[]) => names.map((name) => `“${name}”`).join(', ')
