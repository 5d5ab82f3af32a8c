/** The clock of Redis, which all instances share, as an instance reckons it from its own clock. */

/** @param own the clock of this instance, in milliseconds since the epoch */
export function createSharedClock(own: () => number = () => Date.now()) {
  /** How far the clock of Redis is ahead of ours. It is never taken for more than Redis has proved. */
  let aheadMs: number | undefined

  return {
    /** Milliseconds since the epoch by the clock of Redis; by our own until it is known. */
    now: () => Math.round(own() + (aheadMs ?? 0)),
    /**
     * Takes what Redis answered to TIME. Redis read its clock after the question and before the answer, so the true
     * difference is between `least` and `most`. `aheadMs` begins with `least`, and later moves no further than into
     * these limits. So a slow answer never sets this clock back: only somebody who sets back a clock does. After that,
     * `endAll` leaves out sessions that began just before.
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
