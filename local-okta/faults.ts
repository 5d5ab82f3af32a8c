/** Which faults are on, for whom, and what they do to answers, to accounts and to the clock. */
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dependency } from './broken-answers.js'
import { FAULTS, type Fault, type FaultEntry, type Refusal } from './fault-list.js'
import type { Call } from './management/authorization.js'
import { MANAGEMENT_FAULTS } from './management/fault-list.js'
import type { LocalPerson } from './people.js'

const ALL: readonly FaultEntry[] = [...FAULTS, ...MANAGEMENT_FAULTS]
const LATE_MS = 250
const OUTAGE_MS = 20_000

export interface Faults {
  list: readonly Fault[]
  /**
   * Switches a fault on; without a login, for everybody. If several faults concern one answer or one account, the
   * latest counts. The fault is on at once. Only for `keys-rotated` and `org-down` the promise resolves later: when the
   * new key signs, and when nothing listens any more.
   * @throws {RangeError} at once: unknown name, unknown login, or a login although the fault is not per person
   */
  on(name: string, login?: string): Promise<void>
  /** Switches a fault off; without a login, for everybody and every person. @throws {RangeError} as `on` does */
  off(name: string, login?: string): Promise<void>
  clear(): Promise<void>
  active(): { name: string; person: string | null }[]
  /** How often the app has asked each dependency since the start. */
  asked: Record<Dependency, number>
}

/** What the other parts of the org use. */
export interface FaultsInside extends Faults {
  /** @returns whether a fault has taken over the answer; then the caller must not answer */
  spoil(
    asked: Dependency,
    personId: string | undefined,
    res: ServerResponse,
    right: unknown,
  ): Promise<boolean>
  /** As `spoil`, for a call of the management API. */
  spoilManagement(call: Call, res: ServerResponse): Promise<boolean>
  /** The person as an account fault changes them; unchanged if none is on for them. */
  effective(person: LocalPerson): LocalPerson
  /** Why nobody may sign in at the custom authorization server. */
  refusal(): Refusal | undefined
  /** How many seconds the org's clock is ahead. */
  skewSeconds(): number
}

interface Switched {
  fault: FaultEntry
  person: LocalPerson | null
  /** Responses that stay open while the fault is on. */
  held: Set<ServerResponse>
}

export interface FaultsParts {
  people: LocalPerson[]
  rotateKeys(): Promise<void>
  down(): Promise<void>
  up(): Promise<void>
}

export function createFaults({ people, rotateKeys, down, up }: FaultsParts): FaultsInside {
  let switched: Switched[] = [] // the latest is the last
  let outage: NodeJS.Timeout | undefined
  const asked = { discovery: 0, keys: 0, token: 0, users: 0, groups: 0, credentials: 0 }

  function find(name: string, login: string | undefined): Pick<Switched, 'fault' | 'person'> {
    const fault = ALL.find((candidate) => candidate.name === name)
    if (!fault) throw new RangeError(`There is no fault named "${name}".`)
    if (login === undefined) return { fault, person: null }
    if (!fault.perPerson) throw new RangeError(`"${name}" cannot be switched for one person.`)
    const person = people.find(({ profile }) => profile.login === login)
    if (!person) throw new RangeError(`Nobody here signs in as "${login}".`)
    return { fault, person }
  }

  function latest(group: Fault['group'], personId?: string): Switched | undefined {
    return switched.findLast((one) => {
      return one.fault.group === group && (one.person === null || one.person.id === personId)
    })
  }

  function remove(matches: (one: Switched) => boolean): void {
    for (const { held } of switched.filter(matches)) for (const res of held) res.destroy()
    switched = switched.filter((one) => !matches(one))
  }

  /** @returns whether it has answered; the right answer, late, is not its own */
  async function answer(
    { held }: Switched,
    broken: FaultEntry['answer'],
    res: ServerResponse,
    right: unknown,
  ): Promise<boolean> {
    if (broken === undefined) return false // the fault concerns another answer
    if (!broken) {
      await sleep(LATE_MS)
      return false
    }
    const hold = () => {
      held.add(res)
      res.once('close', () => held.delete(res))
    }
    res.removeHeader('Content-Length') // it is the length of the right answer
    broken({ res, right, nowMs: Date.now() + faults.skewSeconds() * 1000, hold })
    return true
  }

  async function endOutage(): Promise<void> {
    clearTimeout(outage)
    await up()
  }

  async function beginOutage(): Promise<void> {
    clearTimeout(outage)
    const end = () => faults.off('org-down').catch(() => (outage = setTimeout(end, 1000))) // port taken: tries again
    outage = setTimeout(end, OUTAGE_MS).unref()
    await down()
  }

  const faults: FaultsInside = {
    list: ALL.map(({ name, group, label, perPerson }) => ({ name, group, label, perPerson })),
    asked,
    on(name, login) {
      const { fault, person } = find(name, login)
      if (name === 'keys-rotated') return rotateKeys()
      const before = switched.find((one) => one.fault === fault && one.person === person)
      switched = switched.filter((one) => one !== before)
      switched.push(before ?? { fault, person, held: new Set() })
      return name === 'org-down' ? beginOutage() : Promise.resolve()
    },
    off(name, login) {
      const { fault, person } = find(name, login)
      remove((one) => one.fault === fault && (person === null || one.person === person))
      return name === 'org-down' ? endOutage() : Promise.resolve()
    },
    clear() {
      remove(() => true)
      return endOutage()
    },
    active: () => {
      return switched.map(({ fault, person }) => ({
        name: fault.name,
        person: person && String(person.profile.login),
      }))
    },
    async spoil(dependency, personId, res, right) {
      asked[dependency]++
      const found = latest(dependency, personId)
      const other =
        dependency === 'discovery' ? switched.findLast(({ fault }) => fault.inDiscovery) : undefined
      if (found) return answer(found, found.fault.answer, res, right)
      return other ? answer(other, other.fault.inDiscovery, res, right) : false
    },
    async spoilManagement(call, res) {
      const found = switched.findLast(({ fault }) => fault.concerns?.(call))
      return found ? answer(found, found.fault.answer, res, undefined) : false
    },
    effective(person) {
      const { label, decided } = latest('account', person.id)?.fault ?? {}
      return decided ? { ...person, shows: `${label} (a fault that is on)`, ...decided } : person
    },
    refusal: () => switched.findLast(({ fault }) => fault.refusal)?.fault.refusal,
    skewSeconds: () => latest('clock')?.fault.skewSeconds ?? 0,
  }
  return faults
}
