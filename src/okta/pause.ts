/** A pause that Okta asked for with status 429: until it is over, the app does not ask that part of Okta again. */
import { DEFAULT_WAIT_SECONDS, OktaFailure } from './failure.js'

export interface Pause {
  /** Begins the pause that a failure of kind `rate-limited` asks for; a longer one that is under way goes on. */
  begin(failure: OktaFailure): void
  /** 0 when there is no pause. */
  leftMs(): number
  /** What to tell a caller during the pause, with the seconds that are left of it. */
  failure(): OktaFailure | undefined
}

/** @param now milliseconds since the epoch; a pause never lasts longer than Okta asked for, even if the clock is set back */
export function createPause(now: () => number): Pause {
  let begunAt = 0
  let lengthMs = 0
  const leftMs = () => Math.max(0, lengthMs - Math.abs(now() - begunAt))

  return {
    leftMs,
    begin({ retryAfterSeconds = DEFAULT_WAIT_SECONDS }) {
      const ms = retryAfterSeconds * 1000
      if (ms > leftMs()) [begunAt, lengthMs] = [now(), ms]
    },
    failure() {
      const retryAfterSeconds = Math.ceil(leftMs() / 1000)
      if (retryAfterSeconds === 0) return undefined
      return new OktaFailure('rate-limited', 'Okta asked for a pause', { status: 429, retryAfterSeconds })
    },
  }
}
