/**
 * Marks of the sessions that ended before their timeout. A session is an encrypted cookie, and a copy of that cookie
 * would be valid until the timeout. A mark here makes all copies worthless.
 */
import type { Session } from './session.js'

type EndedSession = Pick<Session, 'id' | 'startedAt'> & { person: Pick<Session['person'], 'subject'> }

export interface EndedSessions {
  end(session: EndedSession): void
  has(session: EndedSession): boolean
}

/** The most marks of single sessions. Each takes about 200 bytes. */
const MAX_MARKS = 100_000

/** The least time between two sweeps for old marks. A sweep looks at every mark and takes some milliseconds. */
const SWEEP_MS = 1000

/**
 * Keeps the marks in the memory of this process: a restart forgets them.
 * @param options.maxSeconds the absolute timeout of a session. A mark is kept until then
 * @param options.maxMarks the most marks of single sessions. At the limit one mark for the person replaces the marks
 *   of that person's single sessions: "all sessions that began no later than these"
 * @param options.now milliseconds since the epoch
 */
export function createEndedSessions(options: {
  maxSeconds: number
  maxMarks?: number
  now?: () => number
}): EndedSessions {
  const { maxSeconds, maxMarks = MAX_MARKS, now = () => Date.now() } = options
  const maxMs = maxSeconds * 1000
  /** The marks of single sessions, by the session's id. */
  const marks = new Map<string, { subject: string; until: number }>()
  /** The marks of people, by subject: the person's sessions that began before `before` have ended. */
  const people = new Map<string, { before: number; until: number }>()
  let sweptAt = Number.NEGATIVE_INFINITY

  function sweep<Key>(map: Map<Key, { until: number }>): void {
    for (const [key, { until }] of map) if (until < now()) map.delete(key)
  }

  /** Replaces the marks of a person. A session that began after all marked ones lives on. */
  function replaceMarks(subject: string, startedAt: number): void {
    let before = Math.max(startedAt + 1, people.get(subject)?.before ?? 0)
    for (const [id, mark] of marks) {
      if (mark.subject !== subject) continue
      before = Math.max(before, mark.until - maxMs + 1)
      marks.delete(id)
    }
    people.set(subject, { before, until: now() + maxMs })
  }

  return {
    end({ id, startedAt, person: { subject } }) {
      if (marks.size >= maxMarks && now() - sweptAt >= SWEEP_MS) {
        sweep(marks)
        sweep(people)
        sweptAt = now()
      }
      if (marks.size >= maxMarks) replaceMarks(subject, startedAt)
      else marks.set(id, { subject, until: startedAt + maxMs })
    },
    has({ id, startedAt, person: { subject } }) {
      const before = people.get(subject)?.before
      return marks.has(id) || (before !== undefined && startedAt < before)
    },
  }
}
