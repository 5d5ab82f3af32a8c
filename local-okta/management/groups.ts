/** /api/v1/groups: the groups of the org, and who is in them. */
import { type Request, Router } from 'express'
import { userRecord } from '../users-api.js'
import { ApiError, notFound } from './api-error.js'
import type { Group, Org } from './org.js'
import { queryText, sendPage, textIn } from './paging.js'

export function groups(org: Org): Router {
  const router = Router()

  router.get('/', (req, res) => {
    const q = queryText(req, 'q').toLowerCase()
    const criteria = queryText(req, 'search') || queryText(req, 'filter')
    const found = searched(org.groups, criteria).filter(({ name }) => name.toLowerCase().startsWith(q))
    sendPage(req, res, found, (group) => groupRecord(group, org.url))
  })

  router.get('/:id', (req, res) => void res.json(groupRecord(groupOf(req), org.url)))

  router.get('/:id/users', (req, res) => {
    const group = groupOf(req)
    const members = org.people.filter(({ id, known }) => known && group.has(id)).map(org.effective)
    sendPage(req, res, members, (person) => userRecord(person, org.url, false))
  })

  router
    .route('/:id/users/:userId')
    .put((req, res) => {
      membersOf(req).add(personIn(req))
      res.status(204).end()
    })
    .delete((req, res) => {
      membersOf(req).delete(personIn(req))
      res.status(204).end()
    })

  function membersOf(req: Request<{ id: string }>): Set<string> {
    const { members } = groupOf(req)
    if (!members) throw new ApiError(403, 'E0000038', 'This operation is not allowed in the current state.')
    return members
  }

  function personIn({ params: { userId } }: Request<{ userId: string }>): string {
    const found = org.people.find(({ id, known }) => known && id === userId)
    if (!found) throw notFound(userId, 'User')
    return found.id
  }

  function groupOf({ params: { id } }: Request<{ id: string }>): Group {
    const group = org.groups.find((candidate) => candidate.id === id)
    if (!group) throw notFound(id, 'UserGroup')
    return group
  }
  return router
}

export function groupRecord({ id, type, name, description, created }: Group, orgUrl: string) {
  const href = `${orgUrl}/api/v1/groups/${id}`
  return {
    id,
    created,
    lastUpdated: created,
    lastMembershipUpdated: created,
    objectClass: ['okta:user_group'],
    type,
    profile: { name, description },
    _links: {
      logo: [],
      users: { href: `${href}/users` },
      apps: { href: `${href}/apps` },
    },
  }
}

function searched(groups: Group[], criteria: string): Group[] {
  if (criteria === '') return groups
  const [, field, text = ''] = /^\s*(profile\.name|type|id) eq ("(?:[^"\\]|\\.)*")\s*$/.exec(criteria) ?? []
  if (!field) throw new ApiError(400, 'E0000031', 'Invalid search criteria.')
  const value = textIn(text)
  return groups.filter(
    (group) => group[field === 'profile.name' ? 'name' : (field as 'type' | 'id')] === value,
  )
}
