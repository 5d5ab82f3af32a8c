/**
 * Whether the Users API may be asked just now, told from how it answered so far: not during a pause that it asked for,
 * and after a run of failures only by one probe at a time, in the background. One person's broken record keeps nobody
 * else out: each person has troubles of their own, and only several people's in a row are taken for the API's.
 */

import { DEFAULT_WAIT_SECONDS, OktaFailure } from '../okta/failure.js'
import type { Dependency } from '../okta/health.js'

/** So many different people in a row without an answer: the API fails. */
const PEOPLE_TO_OPEN = 3

/** So many different people whose pages gave up waiting: nobody's page waits any more. */
const SLOW_PEOPLE = 2

/** So many calls in a row without an answer: pages of this person no longer ask. */
const FAILURES_TO_GIVE_UP = 2

/** After this long, a person's own page may ask, and wait, again. */
const GIVE_UP_MS = 5000

/** Between two probes; they go on until Okta answers. */
const PROBE_MS = 2000

/** How many people wait for a probe at most. */
const MOST_PROBED = 5

/** One person alone is probed for some ten minutes at most: by then they have left. */
const MOST_PROBES = 300

/** How long a page waits for Okta where a last-known record serves otherwise, or where Okta has just failed. */
const SHORT_MS = 500

/** Where there is nothing else to show: the two seconds that a call takes at most, and the SDK's import, once. */
const LONG_MS = 2800

/** How Okta answered for one person lately. */
export interface Troubles {
  /** Calls in a row without an answer. */
  failures: number
  failedAt: number
  /** A page has given up waiting, and no answer has come since. */
  slow: boolean
}

export interface Circuit<Entry extends Troubles> {
  /** Whether a page may ask for this person. */
  lets(entry: Entry): boolean
  /** How long a page may wait for a call, in milliseconds. */
  patience(entry: Entry, hasLastKnown: boolean): number
  succeeded(entry: Entry): void
  failed(entry: Entry, failure: OktaFailure): void
  /** A page gave up waiting. */
  wasSlow(entry: Entry): void
  /** Why `lets` said no. */
  refusal(): OktaFailure
  close(): void
}

/** @param options.probe asks for a person without being asked to; for the background */
export function createCircuit<Entry extends Troubles>(options: {
  dependency: Dependency
  now: () => number
  probe: (entry: Entry) => void
}): Circuit<Entry> {
  const { dependency, now, probe } = options
  const waiting = new Set<Entry>()
  let timer: NodeJS.Timeout | undefined
  let failingPeople = 0
  let slowPeople = 0
  let pause = { since: 0, ms: 0 }

  const isOpen = () => failingPeople >= PEOPLE_TO_OPEN
  /** The clock may have been set back: then nothing is long ago, and nothing far ahead. */
  const since = (at: number) => Math.abs(now() - at)
  const pauseLeftMs = () => Math.max(0, pause.ms - since(pause.since))
  const hasJustFailed = (entry: Entry) => entry.failures > 0 && since(entry.failedAt) < GIVE_UP_MS

  /** Whoever waits keeps their place; whoever has not failed goes before all who have. */
  function probeLater(entry: Entry): void {
    if (waiting.size >= MOST_PROBED && !waiting.has(entry)) {
      const failed = [...waiting].find(({ failures }) => failures > 0)
      if (failed) waiting.delete(failed)
    }
    if (waiting.size < MOST_PROBED) waiting.add(entry)
    timer ??= setInterval(probeNext, PROBE_MS).unref()
  }

  function probeNext(): void {
    if (pauseLeftMs() > 0) return
    const next = [...waiting].find(({ failures }) => failures === 0) ?? [...waiting][0]
    if (!next) close()
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
    lets(entry) {
      if (pauseLeftMs() > 0) return false
      if (isOpen()) {
        probeLater(entry)
        return false
      }
      return entry.failures < FAILURES_TO_GIVE_UP || !hasJustFailed(entry)
    },
    patience(entry, hasLastKnown) {
      if (!hasLastKnown) return hasJustFailed(entry) ? SHORT_MS : LONG_MS
      return entry.slow || slowPeople >= SLOW_PEOPLE || hasJustFailed(entry) ? 0 : SHORT_MS
    },
    succeeded(entry) {
      failingPeople = 0
      slowPeople = 0
      entry.slow = false
      entry.failures = 0
      waiting.delete(entry)
      dependency.works()
    },
    failed(entry, failure) {
      if (failure.kind === 'rate-limited') {
        const ms = (failure.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS) * 1000
        if (ms > pauseLeftMs()) pause = { since: now(), ms }
        return dependency.fails(failure)
      }
      // A person counts once, until Okta answers for them: three broken records are not the API's failure for ever.
      if (entry.failures === 0) failingPeople++
      if (entry.failures === 0 || dependency.failure) dependency.fails(failure)
      entry.failures++
      entry.failedAt = now()
      if (entry.failures < MOST_PROBES || isOpen()) probeLater(entry)
    },
    wasSlow(entry) {
      if (!entry.slow) slowPeople++
      entry.slow = true
    },
    refusal() {
      const retryAfterSeconds = Math.ceil(pauseLeftMs() / 1000)
      if (retryAfterSeconds === 0)
        return dependency.failure ?? new OktaFailure('unreachable', 'The Users API fails')
      return new OktaFailure('rate-limited', 'The Users API asked for a pause', { retryAfterSeconds })
    },
    close,
  }
}
