/** Access policies of the authorization server `default`, and whether one of them lets a person in. */
import type { Group } from './org.js'

export interface Policy {
  id: string
  name: string
  description: string
  priority: number
  status: 'ACTIVE' | 'INACTIVE'
  created: string
  lastUpdated: string
  /** Client ids, or `ALL_CLIENTS`. */
  clients: string[]
  rules: Rule[]
}

export interface Rule {
  id: string
  name: string
  priority: number
  status: 'ACTIVE' | 'INACTIVE'
  created: string
  lastUpdated: string
  people: { users: Selection; groups: Selection }
  grantTypes: string[]
  /** `*` is every scope. */
  scopes: string[]
  token: { accessTokenLifetimeMinutes: number; refreshTokenLifetimeMinutes: number } & Record<string, unknown>
}

export interface Selection {
  include: string[]
  exclude: string[]
}

export interface Asked {
  clientId: string
  personId: string
  grantType: string
  scopes: string[]
}

/** The first rule that lets them in, in the order of the policies and of their rules. */
export function ruleFor(policies: Policy[], groups: Group[], asked: Asked): Rule | undefined {
  const active = inOrder(policies).filter(({ clients }) => {
    return clients.includes('ALL_CLIENTS') || clients.includes(asked.clientId)
  })
  const theirs = ['EVERYONE', ...groups.filter((group) => group.has(asked.personId)).map(({ id }) => id)]
  return active.flatMap(({ rules }) => inOrder(rules)).find((rule) => lets(rule, asked, theirs))
}

export function inOrder<T extends { priority: number; status: string }>(items: T[]): T[] {
  return items.filter(({ status }) => status === 'ACTIVE').sort((a, b) => a.priority - b.priority)
}

function lets({ people, grantTypes, scopes }: Rule, asked: Asked, theirs: string[]): boolean {
  const { users, groups } = people
  const isMeant = users.include.includes(asked.personId) || theirs.some((id) => groups.include.includes(id))
  const isExcluded =
    users.exclude.includes(asked.personId) || theirs.some((id) => groups.exclude.includes(id))
  const hasScopes = scopes.includes('*') || asked.scopes.every((scope) => scopes.includes(scope))
  return isMeant && !isExcluded && hasScopes && grantTypes.includes(asked.grantType)
}
