/** The clock of Redis, which all instances share, as an instance reckons it from its own clock. */

/** @param own the clock of this instance, in milliseconds since the epoch */
export function createSharedClock(own: () => number = () => Date.now()) {
  /** How far the clock of Redis is ahead of ours. It is never taken for more than Redis has proved. */
  let aheadMs: number | undefined

  return {
    /** Milliseconds since the epoch by the clock of Redis; by our own until it is known. */
    now: () => Math.round(own() + (aheadMs ?? 0)),
    /**
     * Takes what Redis answered to TIME. Its clock was read after the question and before the answer, so the true
     * difference lies between two limits, and what is taken for it moves no further than into them. It begins with the
     * lower one: so the clock goes back only if somebody has set a clock back, also if this process stood still for long
     * between question and answer. If it went back, `endAll` would leave out sessions that began just before.
     * @param time what Redis said, in milliseconds since the epoch
     * @param askedAt when the question was sent, by our clock
     */
    set(time: number, askedAt: number): void {
      const least = time - own() - 1 // our clock drops parts of a millisecond
      const most = time - askedAt
      aheadMs = Math.min(most, Math.max(least, aheadMs ?? least))
    },
  }
}
