/**
 * A `UserDirectory` around a slower one. It remembers the people whom the slower one found. So pages seldom wait, the
 * app seldom asks Okta, and the last-known record serves while Okta fails.
 */
import { createBoundedMap } from '../bounded-map.js'
import { OktaFailure } from '../okta/failure.js'
import type { Health } from '../okta/health.js'
import { createCircuitBreaker } from './circuit-breaker.js'
import { mayEnter, type User, type UserDirectory, UserNotFound } from './user.js'

/** The most people remembered at once. A record takes about a kilobyte. */
const MAX_PEOPLE = 20_000

/** What the cache knows of one person. */
interface Entry {
  id: string
  /** The last record, if the person may enter. No other record is kept, so that a new session asks Okta again. */
  user: User | undefined
  /** When Okta was asked for `user`, in milliseconds since the epoch. */
  userSince: number
  call: Promise<User> | undefined
  callSince: number
}

/**
 * @param directory the slower one; it gets one call at a time for one person
 * @param options.currentSeconds how long a record counts as current. After half of this time a page refreshes the record
 *   in the background
 * @param options.staleSeconds how much longer the last-known record may serve while Okta cannot be asked
 * @param options.load resolves when nothing must be loaded any more for a call. Only then does Okta's time begin
 * @param options.now milliseconds since the epoch
 */
export function createUserCache(
  directory: UserDirectory,
  options: {
    currentSeconds: number
    staleSeconds: number
    health: Health
    load?: () => Promise<unknown>
    now: () => number
  },
): UserDirectory & { close(): void; holdsBack(): boolean } {
  const { health, load, now } = options
  const currentMs = options.currentSeconds * 1000
  const usableMs = currentMs + options.staleSeconds * 1000
  const people = createBoundedMap<string, Entry>(MAX_PEOPLE)
  /** When Okta was asked for the latest record in which nothing is missing. */
  let wholeSince = Number.NEGATIVE_INFINITY
  const breaker = createCircuitBreaker({ health, now, probe: (id) => void ask(entryOf(id)) })

  function entryOf(id: string): Entry {
    const known = people.get(id)
    if (known) return known
    const entry: Entry = { id, user: undefined, userSince: 0, call: undefined, callSince: 0 }
    people.set(id, entry)
    return entry
  }

  /** Makes a call for this person. If one is under way, returns that one. */
  function ask(entry: Entry): Promise<User> {
    if (entry.call) return entry.call
    const call = lookUp(entry)
    call.catch(() => undefined) // `lookUp` tells the breaker of the failure; a page that waits gets it, too
    entry.call = call
    return call
  }

  async function lookUp(entry: Entry): Promise<User> {
    try {
      if (load) await load()
      const since = now()
      entry.callSince = since
      const user = await directory.find(entry.id)
      const { groups } = user
      if (!mayEnter(user) || !(groups instanceof OktaFailure)) breaker.succeeded(entry.id)
      else {
        breaker.failed(entry.id, groups, true)
        const lastKnown = lastKnownIn(entry)
        if (isWhole(lastKnown)) return lastKnown
      }
      entry.user = mayEnter(user) ? user : undefined
      entry.userSince = user.askedAt ?? since
      if (isWhole(entry.user)) wholeSince = entry.userSince
      return user
    } catch (error) {
      if (error instanceof OktaFailure) breaker.failed(entry.id, error)
      if (error instanceof UserNotFound) {
        entry.user = undefined
        breaker.succeeded(entry.id)
      }
      throw error
    } finally {
      entry.call = undefined
    }
  }

  /** The last record, as long as it may serve. */
  function lastKnownIn({ user, userSince }: Entry): User | undefined {
    const isUsable = Math.abs(now() - userSince) < usableMs
    return user && isUsable ? { ...user, lastKnownAt: new Date(userSince) } : undefined
  }

  async function waitFor(call: Promise<User>, entry: Entry, lastKnown: User | undefined): Promise<User> {
    if (load) await load() // the first page after a start waits for this, too
    const patienceMs = breaker.patienceMs(entry.id, lastKnown !== undefined) - (now() - entry.callSince)
    try {
      const user = await resultWithin(call, patienceMs)
      if (user) return user
    } catch (error) {
      if (lastKnown && error instanceof OktaFailure) return lastKnown
      throw error
    }
    if (patienceMs > 0) breaker.wasSlow(entry.id)
    if (lastKnown) return lastKnown
    throw new OktaFailure('timeout', 'The Users API did not answer in time')
  }

  return {
    find(id) {
      const entry = entryOf(id)
      const { user } = entry
      const ageMs = user ? Math.abs(now() - entry.userSince) : Number.POSITIVE_INFINITY
      const isCurrent = isWhole(user) || entry.userSince >= wholeSince
      if (user && isCurrent && ageMs < currentMs / 2) return user
      const call = entry.call ?? (breaker.mayAsk(id) ? ask(entry) : undefined)
      if (user && isCurrent && ageMs < currentMs) return user
      const lastKnown = lastKnownIn(entry)
      if (call) return waitFor(call, entry, lastKnown)
      if (lastKnown) return lastKnown
      throw breaker.refusal()
    },
    close: breaker.close,
    holdsBack: breaker.holdsBack,
  }
}

/** Whether no groups are missing. As soon as Okta tells anybody's groups again, a record without them is not current. */
function isWhole(user: User | undefined): user is User {
  return user !== undefined && !(user.groups instanceof OktaFailure)
}

/** Resolves with `undefined` when the time is over. */
async function resultWithin<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  if (ms <= 0) return undefined
  const timeUp = new Promise<undefined>((resolve) => setTimeout(resolve, ms, undefined).unref())
  return Promise.race([promise, timeUp])
}
