/**
 * Marks of the sessions that ended before their timeout. A session is an encrypted cookie, and a copy of that cookie
 * would be valid until the timeout. A mark here makes all copies worthless.
 */
import type { Session } from './session.js'

type EndedSession = Pick<Session, 'id' | 'startedAt'> & { person: Pick<Session['person'], 'subject'> }

export interface EndedSessions {
  end(session: EndedSession): void
  /** Ends every session of a person that began before now. */
  endAll(subject: string): void
  has(session: EndedSession): boolean
}

/** The most marks of single sessions, and of people who have ended all of theirs. Each takes about 200 bytes. */
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

  /** Drops the marks that matter no more, if there are many. */
  function makeRoom(): void {
    if (Math.max(marks.size, people.size) < maxMarks || now() - sweptAt < SWEEP_MS) return
    sweep(marks)
    sweep(people)
    sweptAt = now()
  }

  function endBefore(subject: string, before: number): void {
    const known = people.get(subject)?.before ?? 0
    people.set(subject, { before: Math.max(before, known), until: now() + maxMs })
  }

  /** Replaces the marks of a person. A session that began after all marked ones lives on. */
  function replaceMarks(subject: string, startedAt: number): void {
    let before = startedAt + 1
    for (const [id, mark] of marks) {
      if (mark.subject !== subject) continue
      before = Math.max(before, mark.until - maxMs + 1)
      marks.delete(id)
    }
    endBefore(subject, before)
  }

  return {
    end({ id, startedAt, person: { subject } }) {
      makeRoom()
      if (marks.size >= maxMarks) replaceMarks(subject, startedAt)
      else marks.set(id, { subject, until: startedAt + maxMs })
    },
    endAll(subject) {
      makeRoom()
      endBefore(subject, now())
    },
    has({ id, startedAt, person: { subject } }) {
      const before = people.get(subject)?.before
      return marks.has(id) || (before !== undefined && startedAt < before)
    },
  }
}
