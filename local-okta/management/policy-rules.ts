/** What Okta makes of an access policy, or of a rule of one, that is created or replaced, and what it refuses. */
import { invalid } from './api-error.js'
import { isText, type Json, objectIn, textsIn } from './json.js'
import type { Policy, Rule, Selection } from './policy.js'

const NEED_PEOPLE = ['authorization_code', 'implicit', 'password']
const GRANT_TYPES = [
  ...NEED_PEOPLE,
  'client_credentials',
  'interaction_code',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:openid:params:grant-type:ciba',
]
export const TOKEN = {
  accessTokenLifetimeMinutes: 60,
  refreshTokenLifetimeMinutes: 0,
  refreshTokenWindowMinutes: 10_080,
}
const DAY_MINUTES = 24 * 60

interface Others {
  id: string
  name: string
}

/** @throws {ApiError} the first thing that Okta refuses in the policy */
export function policyIn(body: Json, others: Others[], clientIds: string[]) {
  checkNamed(body, 'OAUTH_AUTHORIZATION_POLICY', others)
  if (!isText(body.description)) throw invalid('description', 'description: The field cannot be left blank')
  const clients = textsIn(objectIn(objectIn(body.conditions).clients).include)
  if (clients.length === 0)
    throw invalid('conditions.clients', 'conditions.clients.include: The field cannot be left blank')
  const unknown = clients.find((id) => id !== 'ALL_CLIENTS' && !clientIds.includes(id))
  if (unknown !== undefined)
    throw invalid('conditions.clients', `conditions.clients.include: '${unknown}' is not a valid client id`)
  return {
    ...named(body, others.length + 1),
    description: body.description,
    clients,
  } satisfies Partial<Policy>
}

/** @throws {ApiError} the first thing that Okta refuses in the rule */
export function ruleIn(body: Json, others: Others[]) {
  checkNamed(body, 'RESOURCE_ACCESS', others)
  const conditions = objectIn(body.conditions)
  const people = objectIn(conditions.people)
  const [users, groups] = [selectionIn(people.users), selectionIn(people.groups)]
  const grantTypes = textsIn(objectIn(conditions.grantTypes).include)
  const scopes = textsIn(objectIn(conditions.scopes).include)
  const needing = grantTypes.some((type) => NEED_PEOPLE.includes(type))
  if (grantTypes.length === 0 || grantTypes.some((type) => !GRANT_TYPES.includes(type)))
    throw invalid('conditions.grantTypes', 'conditions.grantTypes.include: Must contain valid grant types')
  if (needing && users.include.length + groups.include.length === 0) {
    const [a, b] = ["'conditions.people.users.include'", "'conditions.people.groups.include'"]
    const when = "'conditions.grantTypes' contains one or more of [authorization_code, implicit, password]"
    const sentence = `At least one of ${a} or ${b} must contain a valid user or group when ${when}.`
    throw invalid('conditions.people', `conditions.people: ${sentence}`)
  }
  if (scopes.length === 0)
    throw invalid('conditions.scopes', 'conditions.scopes.include: The field cannot be left blank')
  return {
    ...named(body, others.length + 1),
    people: { users, groups },
    grantTypes,
    scopes,
    token: tokenIn(objectIn(objectIn(body.actions).token)),
  } satisfies Partial<Rule>
}

function checkNamed(body: Json, type: string, others: Others[]): void {
  if (body.type !== type) throw invalid('type', `type: Must be '${type}'`)
  if (!isText(body.name)) throw invalid('name', 'name: The field cannot be left blank')
  if (others.some(({ name }) => name === body.name))
    throw invalid('name', 'name: An object with this field already exists in the current organization')
}

function named({ name, priority, status }: Json, last: number) {
  return {
    name: String(name),
    priority: typeof priority === 'number' ? priority : last,
    status: status === 'INACTIVE' ? ('INACTIVE' as const) : ('ACTIVE' as const),
  }
}

function selectionIn(value: unknown): Selection {
  const { include, exclude } = objectIn(value)
  return { include: textsIn(include), exclude: textsIn(exclude) }
}

function tokenIn(given: Json): Rule['token'] {
  const token = { ...TOKEN, ...given } as typeof TOKEN
  const minutes = token.accessTokenLifetimeMinutes
  if (!(minutes >= 5 && minutes <= DAY_MINUTES))
    throw invalid('actions.token', 'accessTokenLifetimeMinutes: Must be between 5 and 1440')
  return token
}
