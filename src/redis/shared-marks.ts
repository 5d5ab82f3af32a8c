/**
 * Keeps the ended sessions of all instances alike. An instance that ends a session adds its mark to a stream in Redis.
 * Every instance reads the stream, and asks only its own memory whether a session has ended. After each new connection,
 * and if the stream was flushed or trimmed too far, an instance compares: it reads the stream from its beginning, and
 * adds the marks that it knows and the stream does not have.
 */
import type { Log } from '../log.js'
import { createEndedSessions, type EndedSessions, MAX_MARKS, type Mark } from '../sessions/ended-sessions.js'
import { BATCH, createMarkStream } from './mark-stream.js'
import type { Redis } from './redis.js'
import { COMMAND_MS, inTime, type RedisClient } from './redis-client.js'
import { RedisFailure, redisFailure } from './redis-failure.js'

/** How long Redis holds a read that finds nothing. */
const WAIT_MS = 1000

/** Failures of writing that do not end the connection. `redis.ts` writes them to the log. */
const NO_WRITES = ['redis-read-only', 'redis-full', 'redis-loading']

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
  const now = () => redis().now()
  const stream = createMarkStream({ key, maxMs, log, redis })
  /** The marks that the stream may not have yet. */
  const unshared = new Map<string, Mark>()
  /** There were too many unshared marks: only a comparison tells which ones the stream does not have. */
  let hasOverflowed = false
  let maxEntries = 2 * maxMarks
  let checkedAt = 0
  let delivering: Promise<void> | undefined

  const marks = createEndedSessions({
    maxSeconds,
    maxMarks,
    now,
    latest: () => redis().latest(),
    onMark(mark) {
      hasOverflowed ||= unshared.size >= maxMarks
      if (!hasOverflowed) unshared.set(nameOf(mark), mark)
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

  async function addAll(): Promise<void> {
    while (unshared.size > 0) {
      const some = [...unshared.values()].slice(0, BATCH)
      await stream.add(some)
      for (const mark of some) if (unshared.get(nameOf(mark)) === mark) unshared.delete(nameOf(mark))
    }
  }

  /** If Redis takes no writes just now, this has to wait: reading goes on. */
  async function ifPossible(writing: Promise<void>): Promise<void> {
    await writing.catch((error) => {
      if (!NO_WRITES.includes(redisFailure(error).kind)) throw error
    })
  }

  /** Resolves when the stream has every mark that was made here. @throws {RedisFailure} */
  async function deliverEverything(): Promise<void> {
    do await deliver()
    while (unshared.size > 0)
    if (hasOverflowed) throw new RedisFailure('redis-timeout', 'Too many marks wait for Redis')
  }

  /** Reads the whole stream. Marks that are known here and not there are unshared. */
  async function compare(client: RedisClient): Promise<void> {
    const there = createEndedSessions({ maxSeconds, maxMarks: Number.POSITIVE_INFINITY, now })
    await stream.readAll(client, there.add)
    for (const mark of there.all()) marks.add(mark)
    unshared.clear()
    for (const mark of marks.all()) if (!there.has(sessionOf(mark))) unshared.set(nameOf(mark), mark)
    hasOverflowed = false
    if ((await stream.length(client)) <= maxEntries) return
    const all = [...marks.all()]
    await ifPossible(stream.shorten(client, all))
    maxEntries = Math.max(maxEntries, 2 * all.length, await stream.length(client)) // if that was not possible: not again at once
  }

  /** A session that the mark ends; of those of a person, the last one. */
  function sessionOf(mark: Mark) {
    const one =
      'id' in mark ? { id: mark.id, startedAt: mark.until - maxMs } : { id: '', startedAt: mark.before - 1 }
    return { ...one, person: { subject: mark.subject } }
  }

  async function mustCompare(client: RedisClient): Promise<boolean> {
    checkedAt = Date.now()
    const isIntact = await stream.isIntact(client)
    return hasOverflowed || !isIntact || (await stream.length(client)) > maxEntries
  }

  async function catchUp(client: RedisClient): Promise<void> {
    await compare(client)
    await mustCompare(client) // whether Redis allows what `follow` needs
    await ifPossible(deliver())
  }

  const endedSessions: EndedSessions = { ...marks, shared: () => inTime(deliverEverything(), COMMAND_MS) }
  return {
    endedSessions,
    /** How many marks Redis may not have yet. */
    unshared: () => unshared.size,
    silentSeconds: stream.silentSeconds,
    /** See `createRedis`. */
    async start(client: RedisClient): Promise<void> {
      await catchUp(client).catch(async (error) => {
        if (redisFailure(error).kind !== 'redis-foreign-value') throw error
        await stream.replaceForeign(client)
        await catchUp(client)
      })
    },
    /** See `createRedis`. */
    async follow(client: RedisClient): Promise<never> {
      for (;;) {
        await stream.readNew(client, marks.add, WAIT_MS)
        const isDue = Date.now() - checkedAt >= WAIT_MS
        if (isDue && (await mustCompare(client))) await compare(client)
        await ifPossible(deliver())
      }
    },
  }
}

function nameOf(mark: Mark): string {
  return 'id' in mark ? mark.id : `all of ${mark.subject}`
}
