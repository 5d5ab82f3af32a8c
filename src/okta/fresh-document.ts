/**
 * A document of Okta's (metadata, signing keys) that the app fetches before anybody needs it and refreshes in the
 * background. While it cannot be fetched, the last good one serves for a day, so that no sign-in waits for an outage.
 */
import type { OktaFailure } from './failure.js'
import type { Health } from './health.js'
import { createPause } from './pause.js'

/** The first fetch waits this long after the start, so that the first page does not wait for it. */
const START_MS = 50
const REFRESH_MS = 10 * 60 * 1000
const RETRY_MS = 2000
const LAST_GOOD_MS = 24 * 60 * 60 * 1000

export type FreshDocument<T> = ReturnType<typeof keepFresh<T>>

/**
 * @param load fetches the document. Throws `OktaFailure`; one of kind `config` makes the last good document worthless
 * @param now milliseconds since the epoch
 */
export function keepFresh<T>(load: () => Promise<T>, health: Health, now: () => number) {
  let good: { document: T; since: number } | undefined
  let loading: Promise<T> | undefined
  let failure: OktaFailure | undefined
  let timer: NodeJS.Timeout | undefined
  let dueAt = 0
  let closed = false
  const pause = createPause(now)

  /** Fetches the document now, or waits for the fetch that is under way. @throws {OktaFailure} */
  function refresh(): Promise<T> {
    loading ??= reload().finally(() => {
      loading = undefined
    })
    return loading
  }

  async function reload(): Promise<T> {
    clearTimeout(timer)
    try {
      const document = await load()
      good = { document, since: now() }
      failure = undefined
      health.works()
      schedule(REFRESH_MS)
      return document
    } catch (error) {
      failure = error as OktaFailure
      if (failure.kind === 'config') good = undefined
      if (failure.kind === 'rate-limited') pause.begin(failure)
      if (!closed) health.fails(failure)
      schedule(pause.leftMs() || RETRY_MS)
      throw error
    }
  }

  function schedule(ms: number): void {
    dueAt = now() + ms
    if (!closed) timer = setTimeout(refreshInBackground, ms).unref()
  }

  /** A failure is in `health`, and reaches the next caller of `get`. */
  function refreshInBackground(): void {
    refresh().catch(() => undefined)
  }

  /** The last good document, if it is less than a day old. */
  function current(): T | undefined {
    return good && now() - good.since < LAST_GOOD_MS ? good.document : undefined
  }

  /**
   * The last good document; while there is none, the one that is being fetched.
   * @throws {OktaFailure} why it could not be fetched; at once until the next try
   */
  async function get(): Promise<T> {
    const document = current()
    const isDue = now() >= dueAt // a timer fires late if the machine was asleep
    if (document === undefined) {
      if (isDue || !failure) return refresh()
      throw pause.failure() ?? failure
    }
    if (isDue) refreshInBackground()
    return document
  }

  function close(): void {
    closed = true
    clearTimeout(timer)
  }

  schedule(START_MS)
  return { current, get, refresh, isLoading: () => loading !== undefined, close }
}
