/**
 * Whether the Users API may be asked just now, by how it has answered so far. During a pause that Okta asked for, nobody
 * asks. After a run of failures one probe at a time goes on in the background, until Okta answers. A broken record of one
 * person keeps nobody else out: the breaker opens only when several people in a row got no answer.
 */
import { LRUCache } from 'lru-cache'
import { OktaFailure } from '../okta/failure.js'
import type { Health } from '../okta/health.js'
import { createPause } from '../okta/pause.js'

/** So many different people in a row without an answer open the breaker. */
const PEOPLE_TO_OPEN = 3

/** When the pages of so many different people gave up waiting, no page waits any more. */
const SLOW_PEOPLE = 2

/** After so many calls in a row without an answer, a person's pages no longer ask. */
const FAILURES_TO_GIVE_UP = 2

/** After this long, a person's page may ask, and wait, again. */
const GIVE_UP_MS = 5000

/** Between two probes. */
const PROBE_MS = 2000

/** How many people wait for a probe at most. */
const MOST_PROBED = 5

/** A person alone is probed for about ten minutes at most: by then they have left. */
const MOST_PROBES = 300

/** How long a page waits for Okta if a last-known record can serve, or if Okta has failed a moment ago. */
const SHORT_MS = 500

/** How long a page waits if there is nothing else to show: a call takes 2 s at most, and the SDK is loaded once. */
const LONG_MS = 2800

/** People whose failures are remembered; about 100 bytes each. */
const MOST_TROUBLED = 20_000

/** How Okta answered for one person lately. */
interface Trouble {
  /** Calls in a row without an answer. */
  failures: number
  failedAt: number
  /** A page gave up waiting, and no answer has come since. */
  isSlow: boolean
}

export interface CircuitBreaker {
  /** Whether a page may ask for this person. */
  lets(id: string): boolean
  /** How long a page may wait for the answer, in milliseconds. */
  patienceMs(id: string, hasLastKnown: boolean): number
  succeeded(id: string): void
  failed(id: string, failure: OktaFailure): void
  /** A page gave up waiting for the answer. */
  wasSlow(id: string): void
  /** Why `lets` said no. */
  refusal(): OktaFailure
  close(): void
}

/**
 * @param options.now milliseconds since the epoch
 * @param options.probe asks for a person in the background
 */
export function createCircuitBreaker(options: {
  health: Health
  now: () => number
  probe: (id: string) => void
}): CircuitBreaker {
  const { health, now, probe } = options
  const pause = createPause(now)
  const troubles = new LRUCache<string, Trouble>({ max: MOST_TROUBLED })
  /** The people for whom a probe will ask, by how long they have waited. */
  const waiting = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let failingPeople = 0
  let slowPeople = 0

  const isOpen = () => failingPeople >= PEOPLE_TO_OPEN
  const failuresOf = (id: string) => troubles.get(id)?.failures ?? 0

  function hasJustFailed(id: string): boolean {
    const { failures = 0, failedAt = 0 } = troubles.get(id) ?? {}
    return failures > 0 && Math.abs(now() - failedAt) < GIVE_UP_MS // the clock may have been set back
  }

  function troubleOf(id: string): Trouble {
    const trouble = troubles.get(id) ?? { failures: 0, failedAt: 0, isSlow: false }
    troubles.set(id, trouble)
    return trouble
  }

  /** A person who waits keeps their place. When there are too many, one who has failed makes room for one who has not. */
  function probeLater(id: string): void {
    if (waiting.size >= MOST_PROBED && !waiting.has(id)) {
      const failed = [...waiting].find((other) => failuresOf(other) > 0)
      if (failed) waiting.delete(failed)
    }
    if (waiting.size < MOST_PROBED) waiting.add(id)
    timer ??= setInterval(probeNext, PROBE_MS).unref()
  }

  function probeNext(): void {
    if (pause.leftMs() > 0) return
    const next = [...waiting].find((id) => failuresOf(id) === 0) ?? [...waiting][0]
    if (next === undefined) close()
    else {
      waiting.delete(next)
      probe(next)
    }
  }

  function close(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    lets(id) {
      if (pause.leftMs() > 0) return false
      if (isOpen()) {
        probeLater(id)
        return false
      }
      return failuresOf(id) < FAILURES_TO_GIVE_UP || !hasJustFailed(id)
    },
    patienceMs(id, hasLastKnown) {
      if (!hasLastKnown) return hasJustFailed(id) ? SHORT_MS : LONG_MS
      return troubles.get(id)?.isSlow || slowPeople >= SLOW_PEOPLE || hasJustFailed(id) ? 0 : SHORT_MS
    },
    succeeded(id) {
      failingPeople = 0
      slowPeople = 0
      troubles.delete(id)
      waiting.delete(id)
      health.works()
    },
    failed(id, failure) {
      if (failure.kind === 'rate-limited') {
        pause.begin(failure)
        return health.fails(failure)
      }
      const trouble = troubleOf(id)
      // A person counts once until Okta answers for them: three broken records do not open the breaker for ever.
      if (trouble.failures === 0) failingPeople++
      if (trouble.failures === 0 || health.failure) health.fails(failure)
      trouble.failures++
      trouble.failedAt = now()
      if (trouble.failures < MOST_PROBES || isOpen()) probeLater(id)
    },
    wasSlow(id) {
      const trouble = troubleOf(id)
      if (!trouble.isSlow) slowPeople++
      trouble.isSlow = true
    },
    refusal: () => pause.failure() ?? health.failure ?? new OktaFailure('unreachable', 'The Users API fails'),
    close,
  }
}
