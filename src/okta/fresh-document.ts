/**
 * Something at Okta that is fetched ahead and kept: refreshed in the background, asked for again while it cannot be had,
 * and good for a day after that. So nobody's sign-in waits for it, and an outage is not felt at once.
 */

import { DEFAULT_WAIT_SECONDS, OktaFailure } from './failure.js'
import type { Dependency } from './health.js'

/** A moment after the start, so that the first page does not wait for it. */
const START_MS = 50
const REFRESH_MS = 10 * 60 * 1000
const RETRY_MS = 2000
const LAST_GOOD_MS = 24 * 60 * 60 * 1000

export interface Kept<T> {
  /** The last good one, if it is not too old. */
  current(): T | undefined
  /**
   * The same, waiting for it while it is fetched for the first time.
   * @throws {OktaFailure} how fetching it failed; at once while it goes on failing
   */
  get(): Promise<T>
  /** Fetches it now, or joins whoever does. @throws {OktaFailure} */
  refresh(): Promise<T>
  isLoading(): boolean
  close(): void
}

/** @param load throws `OktaFailure`; of kind `config` it makes the last good one worthless */
export function keep<T>(load: () => Promise<T>, dependency: Dependency, now: () => number): Kept<T> {
  let kept: { value: T; since: number } | undefined
  let loading: Promise<T> | undefined
  let failure: OktaFailure | undefined
  let timer: NodeJS.Timeout | undefined
  let dueAt = 0
  let closed = false

  function refresh(): Promise<T> {
    loading ??= reload().finally(() => {
      loading = undefined
    })
    return loading
  }

  async function reload(): Promise<T> {
    clearTimeout(timer)
    try {
      const value = await load()
      kept = { value, since: now() }
      failure = undefined
      dependency.works()
      again(REFRESH_MS)
      return value
    } catch (error) {
      failure = error as OktaFailure
      if (failure.kind === 'config') kept = undefined
      if (!closed) dependency.fails(failure)
      again(
        failure.kind === 'rate-limited'
          ? (failure.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS) * 1000
          : RETRY_MS,
      )
      throw error
    }
  }

  function again(ms: number): void {
    dueAt = now() + ms
    if (!closed) timer = setTimeout(inBackground, ms).unref()
  }

  function inBackground(): void {
    refresh().catch(() => undefined) // whoever needs it hears of it
  }

  /** Of a pause, what is left of it. */
  function withWhatIsLeft(pause: OktaFailure): OktaFailure {
    const retryAfterSeconds = Math.max(1, Math.ceil((dueAt - now()) / 1000))
    return new OktaFailure(pause.kind, pause.message, { status: pause.status ?? 429, retryAfterSeconds })
  }

  function current(): T | undefined {
    return kept && now() - kept.since < LAST_GOOD_MS ? kept.value : undefined
  }

  again(START_MS)
  return {
    current,
    async get() {
      const value = current()
      const isDue = now() >= dueAt // the timer is late where the machine was asleep
      if (value !== undefined) {
        if (isDue) inBackground()
        return value
      }
      if (isDue || !failure) return refresh()
      throw failure.kind === 'rate-limited' ? withWhatIsLeft(failure) : failure
    },
    refresh,
    isLoading: () => loading !== undefined,
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
