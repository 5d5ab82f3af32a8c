/**
 * Which sessions are over before their time. The session itself lives in an encrypted cookie, and whoever kept a
 * copy could go on using it; a mark here makes every copy worthless until it would have ended anyway.
 */

/** The part of a session by which it is told apart. */
export interface SessionKey {
  id: string
  subject: string
  /** Milliseconds since the epoch. */
  startedAt: number
}

export interface EndedSessions {
  end(session: SessionKey): void
  has(session: SessionKey): boolean
}

/** Marks of single sessions; about 200 bytes each. */
const MAX_MARKS = 100_000

/**
 * In the memory of this process: a restart forgets the marks.
 * @param options.maxSeconds how long a session lasts at most: as long as a mark matters
 * @param options.maxMarks at this many, one mark "all that began before now" for the person replaces the single ones
 */
export function createEndedSessions(options: {
  maxSeconds: number
  maxMarks?: number
  now?: () => number
}): EndedSessions {
  const { maxSeconds, maxMarks = MAX_MARKS, now = () => Date.now() } = options
  const maxMs = maxSeconds * 1000
  /** In the order in which they were made; each matters until its `until`. */
  const marks = new Map<string, { subject: string; until: number }>()
  /** By subject: sessions that began before `before` are over. */
  const people = new Map<string, { before: number; until: number }>()

  /** Looking at every mark takes some milliseconds: once a second will do. */
  let sweptAt = Number.NEGATIVE_INFINITY

  function sweep<Key>(map: Map<Key, { until: number }>): void {
    for (const [key, { until }] of map) if (until < now()) map.delete(key)
  }

  function endAllOf(subject: string): void {
    for (const [id, mark] of marks) if (mark.subject === subject) marks.delete(id)
    people.set(subject, { before: now(), until: now() + maxMs })
  }

  return {
    end({ id, subject, startedAt }) {
      if (marks.size >= maxMarks && now() - sweptAt >= 1000) {
        sweep(marks)
        sweep(people)
        sweptAt = now()
      }
      if (marks.size >= maxMarks) endAllOf(subject)
      else marks.set(id, { subject, until: startedAt + maxMs })
    },
    has({ id, subject, startedAt }) {
      const before = people.get(subject)?.before
      return marks.has(id) || (before !== undefined && startedAt < before)
    },
  }
}
