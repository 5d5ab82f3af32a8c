/** Reads people and their groups from a JSON file: `{ "people": [{ "login": …, "firstName": …, "lastName": … }] }`. */
import type { ReadyApp } from './management/ready.js'
import type { LocalPerson } from './people.js'

const STATUSES =
  'STAGED PROVISIONED ACTIVE RECOVERY PASSWORD_EXPIRED LOCKED_OUT SUSPENDED DEPROVISIONED'.split(' ')
const MEMBERS = 'login firstName lastName email groups status assigned profile'.split(' ')

type Given = Record<string, unknown>

export interface People {
  people: LocalPerson[]
  groups: NonNullable<ReadyApp['groups']>
}

/** @throws {Error} with a sentence that names the place in the file */
export function parsePeople(json: string): People {
  const file = parse(json)
  const given = isObject(file) ? file.people : undefined
  if (!Array.isArray(given) || given.length === 0) {
    throw new Error('it must be an object with "people": a list with at least one person')
  }
  const found = given.map(person)
  const people = found.map(({ person }) => person)
  const logins = people.map(({ profile }) => profile.login)
  const twice = logins.find((login, index) => logins.indexOf(login) !== index)
  if (twice) throw new Error(`two people have the login "${twice}"`)
  const names = new Set(found.flatMap(({ groups }) => groups).filter((name) => name !== 'Everyone'))
  const members = (name: string) =>
    found.filter(({ groups }) => groups.includes(name)).map((one) => one.person.id)
  return { people, groups: [...names].map((name) => ({ name, members: members(name) })) }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new Error(`it is not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`)
  }
}

function person(given: unknown, index: number): { person: LocalPerson; groups: string[] } {
  const place = `people[${index}]`
  check(isObject(given), `${place} is not an object`)
  const unknown = Object.keys(given).find((name) => !MEMBERS.includes(name))
  check(unknown === undefined, `${place} has "${unknown}"; a person has only ${MEMBERS.join(', ')}`)

  const { groups = [], status = 'ACTIVE', assigned = true, profile = {} } = given
  const login = text(given, 'login', place)
  const email = given.email === undefined ? login : text(given, 'email', place)
  check(STATUSES.includes(String(status)), `"status" of ${place} must be one of ${STATUSES.join(', ')}`)
  check(typeof assigned === 'boolean', `"assigned" of ${place} must be true or false`)
  check(isListOfNames(groups), `"groups" of ${place} must be a list of names`)
  check(isObject(profile) && isFlat(profile), `"profile" of ${place} must be an object with texts`)
  const names = { firstName: text(given, 'firstName', place), lastName: text(given, 'lastName', place) }
  const found = {
    id: `00u${String(index + 1).padStart(17, '0')}`,
    shows: shows(String(status), assigned, groups),
    status: String(status),
    assigned,
    known: true,
    profile: { mobilePhone: null, secondEmail: null, ...profile, ...names, login, email },
    lastLogin: null,
  }
  return { person: found, groups }
}

function shows(status: string, assigned: boolean, groups: string[]): string {
  if (!assigned) return 'not assigned to the app'
  if (status !== 'ACTIVE') return status.toLowerCase().replace('_', ' ')
  return groups.join(', ') || 'may enter'
}

function check(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new Error(problem)
}

function text(given: Given, name: string, place: string): string {
  const value = given[name]
  check(typeof value === 'string' && value.trim() !== '', `${place} has no text as "${name}"`)
  return value
}

function isObject(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isListOfNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
}

function isFlat(profile: Given): profile is Record<string, string | null> {
  return Object.values(profile).every((value) => value === null || typeof value === 'string')
}
