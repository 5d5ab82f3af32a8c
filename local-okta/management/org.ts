/** What the org holds beside its people: apps, groups and access policies. All of it is in memory. */
import type { LocalPerson } from '../people.js'
import { type App, createApp } from './app.js'
import { newId } from './ids.js'
import type { Json } from './json.js'
import type { Policy } from './policy.js'

export interface Group {
  id: string
  type: 'BUILT_IN' | 'OKTA_GROUP'
  name: string
  description: string
  created: string
  has(personId: string): boolean
  /** The ids of the members; `undefined` if everybody is one. */
  members?: Set<string>
}

export interface Org {
  id: string
  url: string
  people: LocalPerson[]
  /** A person as a fault changes them. */
  effective(person: LocalPerson): LocalPerson
  apps: App[]
  groups: Group[]
  /** Of the authorization server `default`. They are looked at in the order of their priority. */
  policies: Policy[]
  everyone: Group
  /** The time by the org's clock, as Okta writes it. */
  now(): string
  addApp(body: Json, activate?: boolean): App
  addGroup(name: string, description: string, members: string[]): Group
  /** The groups that have the person. */
  groupsOf(personId: string): Group[]
  appOf(clientId: string): App | undefined
}

export function createOrg(parts: Pick<Org, 'url' | 'people' | 'effective' | 'now'>): Org {
  const group = (type: Group['type'], name: string, description: string, has: Group['has']): Group => {
    return { id: newId('00g'), type, name, description, created: parts.now(), has }
  }
  const everyone = group('BUILT_IN', 'Everyone', 'All users in your organization', () => true)
  const org: Org = {
    ...parts,
    id: newId('00o'),
    apps: [],
    groups: [everyone],
    policies: [],
    everyone,
    addApp(body, activate) {
      const app = createApp(body, parts.now(), activate)
      org.apps.push(app)
      return app
    },
    addGroup(name, description, members) {
      const ids = new Set(members)
      const isOut = (personId: string) => {
        const person = org.people.find(({ id }) => id === personId)
        return person !== undefined && org.effective(person).inGroups === false
      }
      const has = (personId: string) => ids.has(personId) && !isOut(personId)
      const added = { ...group('OKTA_GROUP', name, description, has), members: ids }
      org.groups.push(added)
      return added
    },
    groupsOf: (personId) => org.groups.filter((group) => group.has(personId)),
    appOf: (clientId) => org.apps.find((app) => app.clientId === clientId),
  }
  return org
}

/** Whether one of the app's groups has the person. A person with `assigned: false` is kept out of every app. */
export function isAssigned(org: Org, app: App, person: LocalPerson): boolean {
  return person.assigned && org.groups.some((group) => app.groups.has(group.id) && group.has(person.id))
}
