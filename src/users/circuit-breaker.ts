/**
 * Decides whether the app may ask the Users API now. During a pause that Okta asked for, the app does not ask. When
 * calls for several people in a row have failed, the breaker is open: pages do not ask, and the app sends one probe at
 * a time until Okta answers. The broken record of one person does not open the breaker.
 */
import { createBoundedMap } from '../bounded-map.js'
import { OktaFailure } from '../okta/failure.js'
import type { Health } from '../okta/health.js'
import { createPause } from '../okta/pause.js'

/** The breaker opens when Okta gave no answer for so many different people in a row. */
const PEOPLE_TO_OPEN = 3

/** When the pages of so many people gave up waiting, pages with a last-known record no longer wait. */
const SLOW_PEOPLE = 2

/** After so many failed calls in a row for one person, the person's pages no longer ask. */
const FAILURES_TO_GIVE_UP = 2

/** So long after the last failure, a person's page may ask, and wait, again. */
const GIVE_UP_MS = 5000

/** So long after the last failure, the app forgets the failures of a person: more than the time between two probes. */
const FORGET_MS = 10 * 60 * 1000

/** The time between two probes. */
const PROBE_MS = 2000

/** How many people wait for a probe at most. */
const MAX_PROBED = 5

/** While the breaker is closed, a person gets no more probes than this. They take about ten minutes. */
const MAX_PROBES = 300

/** How long a page waits for Okta if it has a last-known record, or if a call for the person has just failed. */
const SHORT_MS = 500

/** How long a page waits if it has nothing else to show. A call takes 2 s at most; a busy process sees its end late. */
const LONG_MS = 2800

/** The most people whose failures are remembered. Each takes about 100 bytes. */
const MAX_TROUBLED = 20_000

/** How many calls in a row have failed for one person, and when the last of them failed. */
type Trouble = { failures: number; failedAt: number }

/**
 * @param options.now milliseconds since the epoch
 * @param options.probe asks the Users API for a person in the background
 */
export function createCircuitBreaker(options: {
  health: Health
  now: () => number
  probe: (id: string) => void
}) {
  const { health, now, probe } = options
  const pause = createPause(now)
  const troubles = createBoundedMap<string, Trouble>(MAX_TROUBLED)
  /** The people whose pages gave up waiting since Okta's last answer. */
  const slow = new Set<string>()
  /** The people who wait for a probe. The first has waited longest. */
  const waiting = new Set<string>()
  let failingPeople = 0
  let timer: NodeJS.Timeout | undefined

  const isOpen = () => failingPeople >= PEOPLE_TO_OPEN

  function troubleOf(id: string): Trouble {
    const trouble = troubles.get(id)
    const isRecent = trouble && Math.abs(now() - trouble.failedAt) < FORGET_MS // the clock may have been set back
    return isRecent ? trouble : { failures: 0, failedAt: Number.NEGATIVE_INFINITY }
  }

  function hasJustFailed(id: string): boolean {
    const { failures, failedAt } = troubleOf(id)
    return failures > 0 && Math.abs(now() - failedAt) < GIVE_UP_MS // the clock may have been set back
  }

  /** Adds a person to those who wait for a probe. If there are too many, one of those whose calls have failed leaves. */
  function probeLater(id: string): void {
    if (waiting.size >= MAX_PROBED && !waiting.has(id)) {
      const failed = [...waiting].find((other) => troubles.has(other))
      if (failed) waiting.delete(failed)
    }
    if (waiting.size < MAX_PROBED) waiting.add(id)
    timer ??= setInterval(probeNext, PROBE_MS).unref()
  }

  function probeNext(): void {
    if (pause.leftMs() > 0) return
    const next = [...waiting].find((id) => !troubles.has(id)) ?? [...waiting][0]
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
    close,
    /** Whether pages do not ask the Users API for anybody now. */
    holdsBack: () => isOpen() || pause.leftMs() > 0,
    /** Whether a page may ask the Users API for this person. */
    mayAsk(id: string): boolean {
      if (pause.leftMs() > 0) return false
      if (isOpen()) probeLater(id)
      return !isOpen() && (troubleOf(id).failures < FAILURES_TO_GIVE_UP || !hasJustFailed(id))
    },
    /** The failure for a person for whom `mayAsk` said no. */
    refusal(): OktaFailure {
      return pause.failure() ?? health.failure() ?? new OktaFailure('unreachable', 'The Users API fails')
    },
    /** How long a page may wait for the answer, in milliseconds. */
    patienceMs(id: string, hasLastKnown: boolean): number {
      if (!hasLastKnown) return hasJustFailed(id) ? SHORT_MS : LONG_MS
      return slow.size >= SLOW_PEOPLE || hasJustFailed(id) ? 0 : SHORT_MS
    },
    /** To be called when a page gave up waiting for the answer. */
    wasSlow: (id: string) => void slow.add(id),
    succeeded(id: string): void {
      failingPeople = 0
      slow.clear()
      troubles.delete(id)
      waiting.delete(id)
      health.works()
    },
    /** @param isPartial Okta has told of the person, but not of the person's groups. That does not open the breaker */
    failed(id: string, failure: OktaFailure, isPartial = false): void {
      const isLimited = failure.kind === 'rate-limited'
      const { failures } = troubleOf(id)
      if (isLimited || failures === 0 || health.failure()) health.fails(failure)
      if (isLimited) pause.begin(failure)
      if (isLimited) return
      // A person counts once until Okta answers for them. Otherwise three broken records would keep the breaker open.
      if (isPartial) failingPeople = 0
      else if (failures === 0) failingPeople++
      troubles.set(id, { failures: failures + 1, failedAt: now() })
      if (failures + 1 < MAX_PROBES || isOpen()) probeLater(id)
    },
  }
}
