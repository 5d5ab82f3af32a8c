/**
 * Keeps the ended sessions of all instances alike. Whoever ends a session adds its mark to a stream in Redis. Everybody
 * reads the stream, and asks only their own memory whether a session has ended. After each new connection, and if the
 * stream was flushed or trimmed too far, an instance reads the stream from its beginning, and adds the marks that it
 * knows and the stream does not have.
 */
import type { Log } from '../log.js'
import { createEndedSessions, type EndedSessions, MAX_MARKS, type Mark } from '../sessions/ended-sessions.js'
import { markIn, written } from './mark-text.js'
import { COMMAND_MS, inTime, type Redis, type RedisClient } from './redis.js'
import { RedisFailure, redisFailure } from './redis-failure.js'

export type SharedMarks = ReturnType<typeof createSharedMarks>

/** How many entries one answer of Redis may have: to read them takes some 10 ms. */
const CHUNK = 5000

/** How many marks are added at a time. */
const BATCH = 500

/** How long Redis holds a read that finds nothing. */
const WAIT_MS = 1000

/** How long the stream keeps an entry after the last session that it can end has timed out: clocks may differ. */
const LEEWAY_MS = 5 * 60 * 1000

/** How long the others leave it to that instance. */
const SHORTEN_MS = 30_000

/** How long an answer may take on the connection that follows the stream. */
const ANSWER_MS = 1000

/** How long it may take to read the whole stream. */
const COMPARE_MS = 10_000

const BEGINNING = '0-0'

/**
 * @param options.key the name of the stream
 * @param options.maxSeconds the absolute timeout of a session
 * @param options.maxMarks the most marks of single sessions, and of marks that wait for Redis; 100,000 by default. With
 *   twice as many entries, one instance makes the stream shorter
 * @param options.redis the connection, which calls `start` and `follow`
 */
export function createSharedMarks(options: {
  key: string
  maxSeconds: number
  maxMarks?: number
  log: Log
  redis: () => Redis
}) {
  const { key, maxSeconds, maxMarks = MAX_MARKS, log, redis } = options
  const maxMs = maxSeconds * 1000
  /** The marks that the stream may not have yet. */
  const unshared = new Map<string, Mark>()
  /** The id of the entry that was read last. */
  let last = BEGINNING
  /** An entry that was read before the last check. */
  let anchor = BEGINNING
  let checkedAt = 0
  let hasWarned = false
  /** When the stream was read last, by the monotonic clock. */
  let readAt = performance.now()
  let maxEntries = 2 * maxMarks
  let isKnown = true
  let delivering: Promise<void> | undefined

  const marks = createEndedSessions({
    maxSeconds,
    maxMarks,
    now: () => redis().now(),
    onMark(mark) {
      isKnown &&= unshared.size < maxMarks
      if (isKnown) unshared.set(nameOf(mark), mark)
      deliver().catch(() => undefined) // `follow` tries again
    },
  })

  /** Adds the unshared marks to the stream. @throws {RedisFailure} */
  function deliver(): Promise<void> {
    delivering ??= addAll().finally(() => {
      delivering = undefined
    })
    return delivering
  }

  /** Resolves when nothing is unshared. @throws {RedisFailure} */
  async function deliverAll(): Promise<void> {
    do await deliver()
    while (unshared.size > 0)
    if (!isKnown) throw new RedisFailure('redis-timeout', 'Too many marks wait for Redis')
  }

  async function addAll(): Promise<void> {
    while (unshared.size > 0) {
      const batch = [...unshared.values()].slice(0, BATCH)
      await add(batch)
      for (const mark of batch) if (unshared.get(nameOf(mark)) === mark) unshared.delete(nameOf(mark))
    }
  }

  /** Adds entries, and drops those that are too old to matter. */
  async function add(batch: Mark[]): Promise<void> {
    const threshold = Math.max(0, redis().now() - maxMs - LEEWAY_MS)
    const TRIM = { strategy: 'MINID', strategyModifier: '~', threshold } as const
    await redis().ask((client) =>
      Promise.all(batch.map((mark) => client.xAdd(key, '*', { mark: written(mark) }, { TRIM }))),
    )
  }

  /** Like `deliver`. If Redis takes no writes just now, the marks wait. The connection knows, and has told the log. */
  async function deliverIfPossible(): Promise<void> {
    await deliver().catch((error) => {
      const { kind } = redisFailure(error)
      if (kind !== 'redis-read-only' && kind !== 'redis-full' && kind !== 'redis-loading') throw error
    })
  }

  /** Takes the marks that come after `last`. @returns false if there was no entry */
  async function read(client: RedisClient, take: (mark: Mark) => void, waitMs?: number): Promise<boolean> {
    const options = { COUNT: CHUNK, ...(waitMs !== undefined && { BLOCK: waitMs }) }
    const stream = (await client.xRead({ key, id: last }, options))?.[0]
    readAt = performance.now()
    for (const { id, message } of stream?.messages ?? []) {
      last = id
      const mark = markIn(message.mark)
      if (mark) take(mark)
      else if (!hasWarned) log.warn({ dependency: 'Redis', entry: id }, 'an entry of the stream is no mark')
      hasWarned ||= !mark
    }
    return stream !== undefined
  }

  /** Reads the whole stream. Marks that are known here and not there are unshared. */
  async function compare(client: RedisClient): Promise<void> {
    const now = () => redis().now()
    const there = createEndedSessions({ maxSeconds, maxMarks: Number.POSITIVE_INFINITY, now })
    last = BEGINNING
    while (await read(client, there.add)) {}
    for (const mark of there.all()) marks.add(mark)
    unshared.clear()
    for (const mark of marks.all()) if (!there.has(sessionOf(mark))) unshared.set(nameOf(mark), mark)
    isKnown = true
    anchor = last
    checkedAt = Date.now()
    if ((await client.xLen(key)) > maxEntries) await shorten(client, [...marks.all()], last)
  }

  /** Replaces all entries up to one by the marks that this instance has: they end all that the entries end. */
  async function shorten(client: RedisClient, known: Mark[], upTo: string): Promise<void> {
    const lease = { PX: SHORTEN_MS, condition: 'NX' } as const
    if ((await client.set(`${key}-shortened`, '1', lease)) === null) return
    for (let start = 0; start < known.length; start += BATCH) await add(known.slice(start, start + BATCH))
    const [ms, sequence] = upTo.split('-')
    await client.sendCommand(['XTRIM', key, 'MINID', `${ms}-${Number(sequence) + 1}`])
    maxEntries = Math.max(maxEntries, 2 * known.length)
  }

  /** A session that the mark ends; of those of a person, the last one. */
  function sessionOf(mark: Mark) {
    const one =
      'id' in mark ? { id: mark.id, startedAt: mark.until - maxMs } : { id: '', startedAt: mark.before - 1 }
    return { ...one, person: { subject: mark.subject } }
  }

  /**
   * Whether the stream is not too long, and still has the entry that was read last before the check before. Without that
   * entry, it was flushed or trimmed too far. The very last entry may have come after that.
   */
  async function isIntact(client: RedisClient): Promise<boolean> {
    checkedAt = Date.now()
    if (!isKnown || (await client.xLen(key)) > maxEntries) return false
    const isThere = anchor === BEGINNING || (await client.xRange(key, anchor, anchor))?.length === 1
    anchor = last
    return isThere
  }

  return {
    endedSessions: { ...marks, shared: () => inTime(deliverAll(), COMMAND_MS) } as EndedSessions,
    /** How many marks Redis may not have yet. */
    unshared: () => unshared.size,
    /** How long ago the stream was read last: a second at most, while Redis works. */
    silentSeconds: () => (performance.now() - readAt) / 1000,
    /** See `createRedis`. */
    async start(client: RedisClient): Promise<void> {
      hasWarned = false
      await compare(client).catch(async (error) => {
        if (!/^WRONGTYPE/.test(error.message)) throw error
        log.warn({ dependency: 'Redis', key }, 'a foreign value is replaced by the stream of ended sessions')
        await client.del(key)
        await compare(client)
      })
      await deliverIfPossible()
    },
    /** See `createRedis`. */
    async follow(client: RedisClient): Promise<never> {
      for (;;) {
        await inTime(read(client, marks.add, WAIT_MS), WAIT_MS + ANSWER_MS)
        const isDue = Date.now() - checkedAt >= WAIT_MS
        if (isDue && !(await inTime(isIntact(client), ANSWER_MS))) await inTime(compare(client), COMPARE_MS)
        await deliverIfPossible()
      }
    },
  }
}

function nameOf(mark: Mark): string {
  return 'id' in mark ? mark.id : `all of ${mark.subject}`
}
