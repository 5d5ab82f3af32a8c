/**
 * Whether the Users API may be asked just now, told from how it answered so far: not during a pause that it asked for,
 * and after a run of failures only by one probe at a time, in the background. One person's broken record keeps nobody
 * else out: each person has troubles of their own, and only several people's in a row are taken for the API's.
 */
import type { Dependency } from '../dependency.js'
import { OktaFailure } from '../okta-failure.js'

/** So many different people in a row without an answer: the API fails. */
const PEOPLE_TO_OPEN = 3

/** So many different people whose pages gave up waiting: nobody's page waits any more. */
const SLOW_PEOPLE = 2

/** So many calls in a row without an answer: pages of this person no longer ask. */
const FAILURES_TO_GIVE_UP = 2

/** Between two probes; they go on until Okta answers. */
const PROBE_MS = 2000

/** People whose calls are repeated in the background, the latest. */
const MOST_PROBED = 5

/** For one person alone is not probed for ever: by then, some ten minutes, they have left. */
const MOST_PROBES = 300

/** For whom is not probed: after so long their own page may try again. */
const GIVE_UP_MS = 5000

/** How Okta answered for one person lately. */
export interface Troubles {
  failures: number
  failedAt: number
  /** A page has given up waiting, and no answer has come since. */
  slow: boolean
}

export interface Circuit {
  /**
   * Whether a page may ask for this person.
   * @param probe asks for this person all the same; called now and then while the circuit is open
   */
  lets(troubles: Troubles, probe: () => void): boolean
  /** How long a page may wait for a call, in milliseconds. */
  patience(troubles: Troubles, hasLastKnown: boolean): number
  succeeded(troubles: Troubles): void
  failed(troubles: Troubles, failure: OktaFailure, probe: () => void): void
  /** A page gave up waiting. */
  wasSlow(troubles: Troubles): void
  /** Why `lets` said no. */
  refusal(): OktaFailure
  close(): void
}

/**
 * How long a page waits for Okta where a last-known record serves otherwise, and where there is none and Okta has
 * failed before. Else it waits as long as the call takes, which the directory bounds.
 */
const PATIENCE_MS = { known: 500, repeated: 500 }

export function createCircuit(dependency: Dependency, now: () => number): Circuit {
  const probes = new Map<Troubles, () => void>()
  let timer: NodeJS.Timeout | undefined
  let failingPeople = 0
  let slowPeople = 0
  let pausedUntil = 0
  /** Troubles from before are over. */
  let recoveredAt = 0

  const isOpen = () => failingPeople >= PEOPLE_TO_OPEN
  const failuresOf = ({ failures, failedAt }: Troubles) => (failedAt > recoveredAt ? failures : 0)

  function probeLater(troubles: Troubles, probe: () => void): void {
    probes.delete(troubles)
    const [oldest] = probes.keys()
    if (oldest && probes.size >= MOST_PROBED) probes.delete(oldest)
    probes.set(troubles, probe)
    timer ??= setInterval(probeNext, PROBE_MS).unref()
  }

  function probeNext(): void {
    const [next] = probes
    if (!next) close()
    else if (now() >= pausedUntil) {
      const [troubles, probe] = next
      probes.delete(troubles)
      probe()
    }
  }

  function close(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    lets(troubles, probe) {
      if (now() < pausedUntil) return false
      if (isOpen()) {
        probeLater(troubles, probe)
        return false
      }
      return failuresOf(troubles) < FAILURES_TO_GIVE_UP || now() - troubles.failedAt >= GIVE_UP_MS
    },
    patience(troubles, hasLastKnown) {
      const failures = failuresOf(troubles)
      const slow = troubles.slow || slowPeople >= SLOW_PEOPLE
      if (hasLastKnown) return slow || failures > 0 ? 0 : PATIENCE_MS.known
      return failures < FAILURES_TO_GIVE_UP ? Number.POSITIVE_INFINITY : PATIENCE_MS.repeated
    },
    succeeded(troubles) {
      if (isOpen()) recoveredAt = now()
      failingPeople = 0
      slowPeople = 0
      troubles.slow = false
      troubles.failures = 0
      probes.delete(troubles)
      dependency.works()
    },
    failed(troubles, failure, probe) {
      if (failure.kind === 'rate-limited') {
        pausedUntil = now() + (failure.retryAfterSeconds ?? 10) * 1000
        return dependency.fails(failure)
      }
      const earlier = failuresOf(troubles)
      if (earlier === 0) failingPeople++
      // Other people's answers may say that the API works: then one person's troubles are told once.
      if (earlier === 0 || dependency.failure) dependency.fails(failure)
      troubles.failures = earlier + 1
      troubles.failedAt = now()
      if (troubles.failures < MOST_PROBES || isOpen()) probeLater(troubles, probe)
    },
    wasSlow(troubles) {
      if (!troubles.slow) slowPeople++
      troubles.slow = true
    },
    refusal() {
      const waitSeconds = Math.ceil((pausedUntil - now()) / 1000)
      if (waitSeconds <= 0) return dependency.failure ?? new OktaFailure('unreachable', 'The Users API fails')
      return new OktaFailure('rate-limited', 'The Users API asked for a pause', {
        retryAfterSeconds: waitSeconds,
      })
    },
    close,
  }
}
