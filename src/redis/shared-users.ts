/**
 * A `UserDirectory` around Okta's Users API that several instances share: only one of them asks for a person, and the
 * others find the record in Redis. Without Redis it asks Okta.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log.js'
import { OktaFailure } from '../okta/failure.js'
import { dateIn, mayEnter, profileOf, type User, type UserDirectory } from '../users/user.js'
import type { Redis } from './redis.js'
import type { RedisClient } from './redis-client.js'

/** How long the others leave the question to the one that asks. It is more than a call takes, if Okta is not slow. */
const LEASE_MS = 1000

/** The time between two looks for the record that another instance has asked for. */
const LOOK_MS = 50

/** Written into each record. Records of another version are not read. */
const VERSION = 1

/**
 * @param directory asks Okta
 * @param options.namespace what the names of the app's keys begin with
 * @param options.groupNames the groups that pages ask for
 * @param options.currentSeconds how long a record counts as current. The instances share it for half of this time
 * @param options.now milliseconds since the epoch
 */
export function shareUsers(
  directory: UserDirectory,
  options: {
    redis: Redis
    namespace: string
    groupNames: ReadonlySet<string>
    currentSeconds: number
    log: Log
    now: () => number
  },
): UserDirectory {
  const { redis, namespace, groupNames, log, now } = options
  const sharedMs = (options.currentSeconds * 1000) / 2
  /** How far the clock that all instances share is ahead of ours. Records have their time by that clock. */
  const aheadMs = () => redis.now() - Date.now()
  const recordKey = (id: string) => `${namespace}user:${id}`
  const leaseKey = (id: string) => `${namespace}user-lease:${id}`

  /** The record, if it is there and young enough; and whether it is up to this instance to ask Okta for another one. */
  async function look(id: string): Promise<{ user?: User; isMine: boolean }> {
    // The lease comes first: an instance writes the record before it gives the lease back.
    const [lease, text] = await redis.ask((client) =>
      Promise.allSettled([
        client.set(leaseKey(id), '1', { PX: LEASE_MS, condition: 'NX' }),
        client.get(recordKey(id)),
      ]),
    )
    const isMine = lease.status === 'rejected' || lease.value !== null // a replica still has records
    if (text.status === 'rejected' || text.value === null) return { isMine }
    const record = recordIn(text.value, id)
    if (!record) {
      log.warn({ dependency: 'Redis', subject: id }, 'a value is no record of a user')
      tell((client) => [client.del(recordKey(id))]) // so that the log has it once
      return { isMine }
    }
    const { askedGroups, ...user } = record
    user.askedAt -= aheadMs()
    const isWhole = [...groupNames].every((name) => askedGroups.includes(name))
    if (!isWhole || Math.abs(now() - user.askedAt) >= sharedMs) return { isMine }
    if (isMine) tell((client) => [client.del(leaseKey(id))])
    return { user, isMine: false }
  }

  /** Waits for the record that another instance asks for. @returns `undefined` if this instance has to ask */
  async function waitForOther(id: string): Promise<User | undefined> {
    for (let waitedMs = 0; waitedMs < LEASE_MS; waitedMs += LOOK_MS) {
      await sleep(LOOK_MS)
      const { user, isMine } = await look(id)
      if (user || isMine) return user
    }
    return undefined
  }

  /** Asks Okta. The others find the record of a person who may enter; a new session of anybody else asks Okta again. */
  async function askOkta(id: string): Promise<User> {
    const askedAt = now()
    let record: string | undefined
    try {
      const user = { ...(await directory.find(id)), askedAt }
      const isWhole = !(user.groups instanceof OktaFailure)
      const shared = { ...user, askedAt: askedAt + aheadMs(), askedGroups: [...groupNames] }
      if (mayEnter(user) && isWhole) record = recordOf(shared)
      return user
    } finally {
      const key = recordKey(id)
      tell((client) => [
        ...(record ? [client.set(key, record, { PX: Math.ceil(sharedMs) })] : []),
        client.del(leaseKey(id)),
      ])
    }
  }

  /** Sends commands for which nobody waits. If they fail, every instance asks Okta for itself. */
  function tell(commands: (client: RedisClient) => Promise<unknown>[]): void {
    redis.ask((client) => Promise.all(commands(client))).catch(() => undefined)
  }

  return {
    async find(id) {
      const { user, isMine } = await look(id).catch(() => ({ user: undefined, isMine: true }))
      return user ?? (isMine ? undefined : await waitForOther(id).catch(() => undefined)) ?? askOkta(id)
    },
  }
}

/** `askedGroups`: the groups that pages of the instance ask for. Another version of the app may ask for others. */
type SharedUser = User & { askedAt: number; askedGroups: string[] }

/** All that Redis gets to know of a person. */
function recordOf(user: SharedUser): string {
  const { id, status, lastLogin, groups = [], askedAt, askedGroups } = user
  const profile = profileOf((field) => user[field])
  return JSON.stringify({ version: VERSION, id, status, lastLogin, groups, askedAt, askedGroups, ...profile })
}

/** Checks every field: another app, or another version of this one, may have written the value. */
function recordIn(text: string, id: string): SharedUser | undefined {
  const record = asObject(text)
  const { status, askedAt } = record
  if (record.version !== VERSION || record.id !== id) return undefined
  if (typeof status !== 'string' || typeof askedAt !== 'number') return undefined
  const textOf = (name: string) => (typeof record[name] === 'string' ? record[name] : null)
  const textsOf = (name: string) => [record[name]].flat().filter((text) => typeof text === 'string')
  const [groups, askedGroups] = [textsOf('groups'), textsOf('askedGroups')]
  const lastLogin = dateIn(record.lastLogin)
  return { id, status, lastLogin, groups, askedAt, askedGroups, lastKnownAt: null, ...profileOf(textOf) }
}

function asObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
