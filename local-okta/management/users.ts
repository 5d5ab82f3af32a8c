/** /api/v1/users: searching for people, their groups, and what an administrator does to them. */
import { type Request, Router } from 'express'
import type { LocalPerson } from '../people.js'
import { userRecord } from '../users-api.js'
import { ApiError, invalid, notFound } from './api-error.js'
import type { Org } from './org.js'
import { queryText, sendPage, textIn } from './paging.js'

export interface UsersParts {
  org: Org
  /** Ends the person's sessions at Okta. */
  endSessions(personId: string): void
}

export function users({ org, endSessions }: UsersParts): Router {
  const router = Router()

  router.get('/', (req, res) => {
    const q = queryText(req, 'q').toLowerCase()
    const known = org.people.filter((person) => person.known).map(org.effective)
    const found = searched(known, queryText(req, 'search') || queryText(req, 'filter'))
    const matches = ({ status, profile: { firstName, lastName, email } }: LocalPerson) =>
      status !== 'DEPROVISIONED' &&
      [firstName, lastName, email].some((text) => text?.toLowerCase().startsWith(q))
    const people = q === '' ? found : found.filter(matches)
    sendPage(req, res, people, (person) => userRecord(person, org.url, false), q === '' ? 200 : 10)
  })

  router.get('/:key', (req, res) => void res.json(userRecord(org.effective(personOf(req)), org.url, false)))

  router.post('/:key/lifecycle/:change', (req, res, next) => {
    const { change } = req.params
    if (change !== 'suspend' && change !== 'unsuspend') return next()
    const [from, to] = change === 'suspend' ? ['ACTIVE', 'SUSPENDED'] : ['SUSPENDED', 'ACTIVE']
    const person = personOf(req)
    if (person.status !== from)
      throw invalid(change, `Cannot ${change} a user that is not ${from.toLowerCase()}`)
    person.status = to
    res.json({})
  })

  router.delete('/:key/sessions', (req, res) => {
    endSessions(personOf(req).id)
    res.status(204).end()
  })

  /** `me` is the owner of the API token. */
  function personOf({ params: { key } }: Request<{ key: string }>): LocalPerson {
    const found = org.people.find(({ id, profile }) => key === 'me' || id === key || profile.login === key)
    if (!found?.known) throw notFound(key, 'User')
    return found
  }
  return router
}

/** A clause, and what joins it to the next one. The value is a JSON string (RFC 7644 section 3.4.2.2). */
const CLAUSE =
  /\s*(status|id|profile\.(?:login|email|firstName|lastName)) (eq|sw) ("(?:[^"\\]|\\.)*")(?: (and|or)(?= )|\s*$)/iy

/** Okta's criteria can do more; here it is clauses with `eq` or `sw`, joined by `and`, or joined by `or`. */
function searched(people: LocalPerson[], criteria: string): LocalPerson[] {
  if (criteria === '') return people
  const any: ((person: LocalPerson) => boolean)[][] = [[]]
  for (let at = 0; at < criteria.length; ) {
    CLAUSE.lastIndex = at
    const [whole, field = '', operator = '', value = '', joint] = CLAUSE.exec(criteria) ?? []
    if (whole === undefined) throw new ApiError(400, 'E0000031', 'Invalid search criteria.')
    any.at(-1)?.push(clause(field, operator, textIn(value)))
    if (joint?.toLowerCase() === 'or') any.push([])
    at += whole.length
  }
  return people.filter((person) => any.some((all) => all.every((matches) => matches(person))))
}

function clause(field: string, operator: string, value: string): (person: LocalPerson) => boolean {
  const wanted = value.toLowerCase()
  return (person) => {
    const name = field.replace('profile.', '')
    const own = field.startsWith('profile.') ? person.profile[name] : person[name as 'id' | 'status']
    const found = (own ?? '').toLowerCase()
    return operator.toLowerCase() === 'eq' ? found === wanted : found.startsWith(wanted)
  }
}
