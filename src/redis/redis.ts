/**
 * The connection to Redis. It is made again and again until it stands, and given up as soon as Redis is slow, so that
 * no page waits long for it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log.js'
import { createHealth } from '../okta/health.js'
import { COMMAND_MS, CONNECT_MS, connectable, inTime, probe, type RedisClient } from './redis-client.js'
import { RedisFailure, redisFailure } from './redis-failure.js'
import { createSharedClock } from './shared-clock.js'

const RETRY_MS = 1000

/** Failures that may concern this connection alone, or that the next connection mends. */
const PASSING = ['redis-unreachable', 'redis-foreign-value']

/** The time between two beats. Each beat proves that Redis takes writes, and tells the time by its clock. */
const BEAT_MS = 1000

export interface Redis {
  /**
   * Sends commands. While there is no connection, it rejects at once.
   * @throws {RedisFailure}
   */
  ask<T>(work: (client: RedisClient) => Promise<T>): Promise<T>
  /** See `createSharedClock`. */
  now(): number
  latest(): number
  /** Whether Redis answers and takes writes. */
  works(): boolean
  /** Whether `start` has succeeded once, or the first connection has failed. */
  hasTried(): boolean
  close(): void
}

/**
 * @param options.namespace what the names of the app's keys begin with
 * @param options.start called with each new connection, with a client of its own. It limits how long answers may take
 * @param options.follow called afterwards; it runs as long as the connection stands. If one of the two throws, the
 *   connection is given up
 */
export function createRedis(options: {
  url: string
  namespace: string
  log: Log
  start: (client: RedisClient) => Promise<void>
  follow: (client: RedisClient) => Promise<never>
}): Redis {
  const { url, namespace, log, start, follow } = options
  const health = createHealth<RedisFailure>('Redis', log)
  const clock = createSharedClock()
  let works = false
  let hasTried = false
  let retriedAt = 0
  let live: RedisClient | undefined
  let giveUp: (reason?: RedisFailure) => void = () => undefined
  const end = new AbortController()

  async function run(): Promise<void> {
    while (!end.signal.aborted) {
      const clients = [connectable(url), connectable(url)] as const
      const failure = await serve(...clients).catch(redisFailure)
      const hasStood = works
      hasTried = true
      works = false
      live = undefined
      for (const client of clients) client.destroy()
      const mayPass = hasStood && PASSING.includes(failure.kind)
      if (mayPass && Date.now() - retriedAt > RETRY_MS) {
        // The log need not know, unless it happens again at once.
        retriedAt = Date.now()
        continue
      }
      if (!end.signal.aborted) health.fails(failure)
      await sleep(RETRY_MS, undefined, { signal: end.signal, ref: false }).catch(() => undefined)
    }
  }

  /** @throws when the connection cannot be made, or does not stand any more */
  async function serve(client: RedisClient, blocking: RedisClient): Promise<never> {
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = reject
    })
    await Promise.race([givenUp, inTime(Promise.all([client.connect(), blocking.connect()]), CONNECT_MS)])
    live = client
    await Promise.race([givenUp, start(blocking)])
    hasTried = true
    return Promise.race([givenUp, follow(blocking), beat(client)])
  }

  async function beat(client: RedisClient): Promise<never> {
    for (;;) {
      const askedAt = Date.now()
      const [seconds, microseconds] = await inTime(client.time(), COMMAND_MS)
      clock.set(Number(seconds) * 1000 + Number(microseconds) / 1000, askedAt)
      try {
        await inTime(client.set(`${namespace}beat`, '1', { PX: BEAT_MS * 10 }), COMMAND_MS)
        works = true
        health.works()
      } catch (error) {
        const failure = redisFailure(error)
        if (failure.kind === 'redis-timeout' || failure.kind === 'redis-unreachable') throw failure
        works = false // reading goes on
        health.fails(failure)
        if (failure.kind === 'redis-read-only' && (await isElsewhere())) throw failure
      }
      await sleep(BEAT_MS, undefined, { signal: end.signal, ref: false })
    }
  }

  /** Whether another server, which takes writes, has the address now: after a failover the old primary is a replica. */
  function isElsewhere(): Promise<boolean> {
    return probe(url).then(
      () => true,
      () => false,
    )
  }

  void run()
  return {
    async ask(work) {
      if (!live) throw new RedisFailure('redis-unreachable', 'There is no connection to Redis')
      try {
        return await inTime(work(live), COMMAND_MS)
      } catch (error) {
        const failure = redisFailure(error)
        if (failure.kind === 'redis-timeout') giveUp(failure)
        throw failure
      }
    },
    now: clock.now,
    latest: clock.latest,
    works: () => works,
    hasTried: () => hasTried,
    close() {
      end.abort()
      giveUp()
    },
  }
}
