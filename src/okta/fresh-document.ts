/**
 * A document of Okta's (metadata, signing keys, an access token). The app fetches it before anybody needs it, and
 * refreshes it in the background. While Okta does not send it, the last good one serves: metadata and keys for a day,
 * so that people can still sign in.
 */
import type { OktaFailure } from './failure.js'
import type { Health } from './health.js'
import { createPause } from './pause.js'

/** The app waits this long before the first fetch, so that the fetch does not delay the first page. */
const START_MS = 50
const RETRY_MS = 2000

/** How long after a fetch the app fetches the document again, and how long the document serves. */
export type Times = { refreshMs: number; lastGoodMs: number }
const USUAL_TIMES: Times = { refreshMs: 10 * 60 * 1000, lastGoodMs: 24 * 60 * 60 * 1000 }

export type FreshDocument<T> = ReturnType<typeof keepFresh<T>>

/**
 * @param load fetches the document. Throws `OktaFailure`; after one of kind `config` the last good document is dropped
 * @param now milliseconds since the epoch
 * @param timesOf the times of a document; by default, those of metadata and keys
 */
export function keepFresh<T>(
  load: () => Promise<T>,
  health: Health,
  now: () => number,
  timesOf: (document: T) => Times = () => USUAL_TIMES,
) {
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
    const since = now() // a slow answer makes the document no younger
    try {
      const document = await load()
      good = { document, since }
      failure = undefined
      health.works()
      schedule(timesOf(document).refreshMs)
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

  /** Ignores a failure: `reload` has kept it for `health` and for the next caller of `get`. */
  function refreshInBackground(): void {
    refresh().catch(() => undefined)
  }

  /** The last good document, if it is not too old. */
  function current(): T | undefined {
    return good && now() - good.since < timesOf(good.document).lastGoodMs ? good.document : undefined
  }

  /** Drops the last good document. The next `get` fetches another one. */
  function drop(): void {
    good = undefined
  }

  /**
   * The last good document. If there is none, fetches the document.
   * @throws {OktaFailure} the fetch has failed; until the next try is due, `get` throws at once
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
  return { current, get, drop, refresh, isLoading: () => loading !== undefined, close }
}
