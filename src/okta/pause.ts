/** A pause that Okta asked for with status 429: until it is over, the app does not ask that part of Okta again. */
import { DEFAULT_WAIT_SECONDS, OktaFailure } from './failure.js'

/** @param now milliseconds since the epoch. If the clock is set back, no pause lasts longer than Okta asked for */
export function createPause(now: () => number) {
  let begunAt = 0
  let lengthMs = 0
  /** 0 when there is no pause. */
  const leftMs = () => Math.max(0, lengthMs - Math.abs(now() - begunAt))

  return {
    leftMs,
    /** Begins the pause that a failure of kind `rate-limited` asks for. If a longer pause is under way, it goes on. */
    begin({ retryAfterSeconds = DEFAULT_WAIT_SECONDS }: OktaFailure): void {
      const ms = retryAfterSeconds * 1000
      if (ms > leftMs()) [begunAt, lengthMs] = [now(), ms]
    },
    /** The failure for a caller during the pause, with the seconds that are left; `undefined` without a pause. */
    failure(): OktaFailure | undefined {
      const retryAfterSeconds = Math.ceil(leftMs() / 1000)
      if (retryAfterSeconds === 0) return undefined
      return new OktaFailure('rate-limited', 'Okta asked for a pause', { status: 429, retryAfterSeconds })
    },
  }
}
