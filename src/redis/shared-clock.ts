/** The clock of Redis, which all instances share, as far as an instance can know it from its own clock. */

/** How many milliseconds one clock may gain on the other in each millisecond. NTP sets a clock right by half as much. */
const DRIFT = 0.001

/** @param own the clock of this instance, in milliseconds since the epoch */
export function createSharedClock(own: () => number = () => Date.now()) {
  /** How far the clock of Redis is ahead of ours, at least and at most. */
  let ahead: { least: number; most: number } | undefined
  let setAt = 0

  return {
    /** Milliseconds since the epoch: the clock of Redis shows no less. It is our own clock until the other is known. */
    now: () => Math.floor(own() + (ahead?.least ?? 0)),
    /** Milliseconds since the epoch: the clock of Redis shows no more. No instance has a `now` that is later. */
    latest: () => Math.ceil(own() + (ahead ? ahead.most + 1 : 0)),
    /**
     * Takes what Redis answered to TIME. Redis read its clock after the question and before the answer. This gives two
     * limits, and the answers before gave some, too: the closest ones count. So a slow answer never sets `now` back:
     * only somebody who sets back a clock does. After that, `endAll` leaves out sessions that began just before.
     * @param time what Redis said, in milliseconds since the epoch
     * @param askedAt when the question was sent, by our clock
     */
    set(time: number, askedAt: number): void {
      const answeredAt = own()
      const answer = { least: time - answeredAt - 1, most: time - askedAt } // our clock drops parts of a millisecond
      const drift = Math.max(0, answeredAt - setAt) * DRIFT
      const least = Math.max(answer.least, (ahead?.least ?? Number.NEGATIVE_INFINITY) - drift)
      const most = Math.min(answer.most, (ahead?.most ?? Number.POSITIVE_INFINITY) + drift)
      ahead = least <= most ? { least, most } : answer // somebody has set a clock
      setAt = answeredAt
    },
  }
}
