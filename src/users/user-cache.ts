/**
 * A `UserDirectory` around a slower one, which remembers whom it found: pages do not wait, Okta is asked no more than
 * it must be, and the last-known record serves while Okta fails. When Okta may be asked at all is up to `circuit.ts`.
 */
import { LRUCache } from 'lru-cache'
import { OktaFailure } from '../okta/failure.js'
import type { Dependency } from '../okta/health.js'
import { createCircuit, type Troubles } from './circuit-breaker.js'
import { mayEnter, type User, type UserDirectory, UserNotFound } from './user.js'

/** People remembered at once; a record takes about a kilobyte. */
const MAX_PEOPLE = 20_000

/** What is known of one person. */
interface Entry extends Troubles {
  id: string
  /** The last record that lets its owner in. Verdicts are not kept: they end the session, and a new one asks anew. */
  user: User | undefined
  /** When Okta was asked for it, in milliseconds since the epoch. */
  userSince: number
  call: Promise<User> | undefined
  callSince: number
}

export interface UserCacheOptions {
  /** A younger record counts as current; from half of it on it is refreshed in the background. */
  currentSeconds: number
  /** How much longer the last-known record may serve while Okta cannot be asked. */
  staleSeconds: number
  /** Told of each change between working and failing. */
  dependency: Dependency
  now?: () => number
}

export interface UserCache extends UserDirectory {
  /** Ends what it does in the background. */
  close(): void
}

/** @param directory asked at most once at a time for one person */
export function createUserCache(directory: UserDirectory, options: UserCacheOptions): UserCache {
  const { dependency, now = () => Date.now() } = options
  const currentMs = options.currentSeconds * 1000
  const usableMs = currentMs + options.staleSeconds * 1000
  const people = new LRUCache<string, Entry>({ max: MAX_PEOPLE })
  const circuit = createCircuit<Entry>({ dependency, now, probe: ask })

  function entryOf(id: string): Entry {
    const known = people.get(id)
    if (known) return known
    const troubles: Troubles = { failures: 0, failedAt: 0, slow: false }
    const entry: Entry = { id, user: undefined, userSince: 0, call: undefined, callSince: 0, ...troubles }
    people.set(id, entry)
    return entry
  }

  /** Joins the call under way for this person, or makes one. */
  function ask(entry: Entry): Promise<User> {
    if (entry.call) return entry.call
    entry.callSince = now()
    const call = lookUp(entry)
    call.catch(() => undefined) // whoever waits for it hears of it
    entry.call = call
    return call
  }

  async function lookUp(entry: Entry): Promise<User> {
    const since = entry.callSince
    try {
      const user = await directory.find(entry.id)
      entry.user = mayEnter(user) ? user : undefined
      entry.userSince = since
      circuit.succeeded(entry)
      return user
    } catch (error) {
      if (error instanceof OktaFailure) circuit.failed(entry, error)
      if (error instanceof UserNotFound) {
        entry.user = undefined
        circuit.succeeded(entry)
      }
      throw error
    } finally {
      entry.call = undefined
    }
  }

  async function waitFor(call: Promise<User>, entry: Entry, lastKnown: User | undefined): Promise<User> {
    const waitedMs = now() - entry.callSince
    const patienceMs = circuit.patience(entry, lastKnown !== undefined) - waitedMs
    try {
      const user = await inTime(call, patienceMs)
      if (user) return user
    } catch (error) {
      if (lastKnown && error instanceof OktaFailure) return lastKnown
      throw error
    }
    if (patienceMs > 0) circuit.wasSlow(entry)
    if (lastKnown) return lastKnown
    throw new OktaFailure('timeout', 'The Users API did not answer in time')
  }

  return {
    find(id) {
      const entry = entryOf(id)
      const { user } = entry
      const ageMs = user ? Math.abs(now() - entry.userSince) : Number.POSITIVE_INFINITY
      if (user && ageMs < currentMs / 2) return user
      const call = entry.call ?? (circuit.lets(entry) ? ask(entry) : undefined)
      if (user && ageMs < currentMs) return user
      const lastKnown =
        user && ageMs < usableMs ? { ...user, lastKnownAt: new Date(entry.userSince) } : undefined
      if (call) return waitFor(call, entry, lastKnown)
      if (lastKnown) return lastKnown
      throw circuit.refusal()
    },
    close: circuit.close,
  }
}

/** Resolves with `undefined` when the time is up. */
async function inTime<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  if (ms <= 0) return undefined
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  return Promise.race([promise, timeUp]).finally(() => clearTimeout(timer))
}
