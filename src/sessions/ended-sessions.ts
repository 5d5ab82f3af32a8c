/**
 * Marks of the sessions that ended before their timeout. A session is an encrypted cookie, and a copy of that cookie
 * would be valid until the timeout. A mark here makes all copies worthless.
 */
import type { Session } from './session.js'

type EndedSession = Pick<Session, 'id' | 'startedAt'> & { person: Pick<Session['person'], 'subject'> }

export interface EndedSessions {
  end(session: EndedSession): void
  /** Ends every session that a person has begun until now. */
  endAll(subject: string): void
  has(session: EndedSession): boolean
  /** Resolves when every other instance can learn of all marks that were made here. Rejects if that must wait. */
  shared(): Promise<void>
}

/**
 * The mark of one session, or of all that a person began before an instant. `until`: when the last session that it ends
 * has reached its absolute timeout. Times are in milliseconds since the epoch.
 */
export type Mark = { subject: string; until: number } & ({ id: string } | { before: number })

/** The marks themselves, for those who share them with other instances. */
export interface Marks extends Omit<EndedSessions, 'shared'> {
  /** Takes a mark of another instance. */
  add(mark: Mark): void
  all(): Iterable<Mark>
}

/** The most marks of single sessions, and of people who have ended all of theirs. Each takes about 200 bytes. */
export const MAX_MARKS = 100_000

/** The least time between two sweeps for old marks. A sweep looks at every mark and takes some milliseconds. */
const SWEEP_MS = 1000

/**
 * Keeps the marks in the memory of this process: a restart forgets them.
 * @param options.maxSeconds the absolute timeout of a session. A mark is kept until then
 * @param options.maxMarks the most marks of single sessions. At the limit one mark for the person replaces the marks
 *   of that person's single sessions: "all sessions that began no later than these"
 * @param options.now milliseconds since the epoch
 * @param options.latest the same, no earlier than `now` of any instance
 * @param options.onMark called with each mark that is made here, not with those of `add`
 */
export function createEndedSessions(options: {
  maxSeconds: number
  maxMarks?: number
  now?: () => number
  latest?: () => number
  onMark?: (mark: Mark) => void
}): Marks {
  const { maxSeconds, maxMarks = MAX_MARKS, now = () => Date.now() } = options
  const { latest = now, onMark = () => undefined } = options
  const maxMs = maxSeconds * 1000
  /** The marks of single sessions, by the session's id. */
  const single = new Map<string, Mark>()
  /** The marks of people, by subject. */
  const people = new Map<string, Mark & { before: number }>()
  let sweptAt = Number.NEGATIVE_INFINITY

  /** Drops the marks that matter no more, if there are many. */
  function makeRoom(): void {
    if (Math.max(single.size, people.size) < maxMarks || now() - sweptAt < SWEEP_MS) return
    for (const map of [single, people]) for (const [key, { until }] of map) if (until < now()) map.delete(key)
    sweptAt = now()
  }

  function keep(mark: Mark): Mark {
    makeRoom()
    if ('before' in mark) return keepForPerson(mark)
    if (single.size >= maxMarks) return replaceMarks(mark)
    single.set(mark.id, mark)
    return mark
  }

  function keepForPerson(mark: Mark & { before: number }): Mark {
    const known = people.get(mark.subject)
    if (known && known.before >= mark.before) return known
    people.set(mark.subject, mark)
    return mark
  }

  /** Makes one mark of all that the person has. A session that began after all marked ones lives on. */
  function replaceMarks({ subject, until }: Mark): Mark {
    let last = until
    for (const [id, mark] of single) {
      if (mark.subject !== subject) continue
      last = Math.max(last, mark.until)
      single.delete(id)
    }
    return keepForPerson({ subject, before: last - maxMs + 1, until: last })
  }

  return {
    end({ id, startedAt, person: { subject } }) {
      onMark(keep({ id, subject, until: startedAt + maxMs }))
    },
    endAll(subject) {
      // Also of this very millisecond: no sign-in begins and ends in one, and what began before must not live on.
      onMark(keep({ subject, before: latest() + 1, until: latest() + maxMs }))
    },
    has({ id, startedAt, person: { subject } }) {
      const mark = people.get(subject)
      return single.has(id) || (mark !== undefined && startedAt < mark.before)
    },
    add: (mark) => void keep(mark),
    *all() {
      for (const map of [single, people]) for (const mark of map.values()) if (mark.until >= now()) yield mark
    },
  }
}
