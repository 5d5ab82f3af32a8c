/** The stream in Redis that carries the marks of ended sessions from each instance to all. */
import type { Log } from '../log.js'
import type { Mark } from '../sessions/ended-sessions.js'
import { markIn, written } from './mark-text.js'
import type { Redis } from './redis.js'
import { inTime, type RedisClient } from './redis-client.js'

/** How many entries one answer of Redis may have: to read them takes some 10 ms. */
const CHUNK = 5000

/** How many marks are added at a time. */
export const BATCH = 500

/** How long an entry stays after the last session that it can end has timed out: clocks may differ. */
const LEEWAY_MS = 5 * 60 * 1000

/** How long one instance alone may make the stream shorter. */
const SHORTEN_MS = 30_000

/** How long an answer may take on the connection that follows the stream, besides the time that Redis was told to wait. */
const ANSWER_MS = 1000

const BEGINNING = '0-0'

type Take = (mark: Mark) => void

/**
 * @param options.key the name of the stream
 * @param options.maxMs the absolute timeout of a session
 * @param options.redis the connection for adding. For reading, each call gets a client that may wait
 */
export function createMarkStream(options: { key: string; maxMs: number; log: Log; redis: () => Redis }) {
  const { key, maxMs, log, redis } = options
  /** The entry that was read last. */
  let last = BEGINNING
  /** The entry that had been read last when the stream was checked before. */
  let anchor = BEGINNING
  /** When the stream was read last, by the monotonic clock. */
  let readAt = performance.now()
  let hasWarned = false

  /** @returns false if there was no entry */
  async function readChunk(client: RedisClient, take: Take, waitMs?: number): Promise<boolean> {
    const block = waitMs !== undefined && { BLOCK: waitMs }
    const answer = client.xRead({ key, id: last }, { COUNT: CHUNK, ...block })
    const stream = (await inTime(answer, (waitMs ?? 0) + ANSWER_MS))?.[0]
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

  /** Adds entries, and drops those that are too old to matter. @throws {RedisFailure} */
  async function add(marks: Mark[]): Promise<void> {
    for (let start = 0; start < marks.length; start += BATCH) {
      const threshold = Math.max(0, redis().now() - maxMs - LEEWAY_MS)
      const TRIM = { strategy: 'MINID', strategyModifier: '~', threshold } as const
      const batch = marks.slice(start, start + BATCH)
      await redis().ask((client) =>
        Promise.all(batch.map((mark) => client.xAdd(key, '*', { mark: written(mark) }, { TRIM }))),
      )
    }
  }

  return {
    add,
    /** Passes on what has come since the last call, or comes within `waitMs`. */
    readNew: readChunk,
    /** Passes on every mark of the stream. */
    async readAll(client: RedisClient, take: Take): Promise<void> {
      last = BEGINNING
      while (await readChunk(client, take)) {}
      anchor = last
    },
    /**
     * Whether the stream still has what this instance has read. If not, it was flushed, or trimmed too far. The entry that
     * was read last cannot tell: it may have come after a flush.
     */
    async isIntact(client: RedisClient): Promise<boolean> {
      const found = await inTime(client.xRange(key, anchor, anchor), ANSWER_MS)
      const isThere = anchor === BEGINNING || found?.length === 1
      anchor = last
      return isThere
    },
    length: (client: RedisClient) => inTime(client.xLen(key), ANSWER_MS),
    /** Puts `marks` in place of the entries that were read, and must end the same sessions. One instance does it at a time. */
    async shorten(client: RedisClient, marks: Mark[]): Promise<void> {
      const upTo = last
      const lease = { PX: SHORTEN_MS, condition: 'NX' } as const
      if ((await inTime(client.set(`${key}-shortened`, '1', lease), ANSWER_MS)) === null) return
      await add(marks)
      const [ms = '', sequence = ''] = upTo.split('-')
      await inTime(client.xTrim(key, 'MINID', `${ms}-${BigInt(sequence) + 1n}`), ANSWER_MS)
    },
    /** Removes what another program has put in place of the stream, or a stream that can have no more entries. */
    async replaceForeign(client: RedisClient): Promise<void> {
      log.warn({ dependency: 'Redis', key }, 'a foreign value is replaced by the stream of ended sessions')
      await inTime(client.del(key), ANSWER_MS)
    },
    /** How long ago the stream was read last: a second at most, while Redis works. */
    silentSeconds: () => (performance.now() - readAt) / 1000,
  }
}
