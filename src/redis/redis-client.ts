/** Clients of Redis, a time limit for their answers, and one try of what the app needs of Redis. */
import { randomUUID } from 'node:crypto'
import { createClient } from '@redis/client'
import { RedisFailure, redisFailure } from './redis-failure.js'

export type RedisClient = ReturnType<typeof connectable>

/** How long one command may take. With the first one that takes longer, the app gives up the connection. */
export const COMMAND_MS = 250
export const CONNECT_MS = 2000

/**
 * Connects once, and tries what the app needs.
 * @returns the version of Redis
 * @throws {RedisFailure}
 */
export async function probe(url: string): Promise<string> {
  const client = connectable(url)
  try {
    await inTime(client.connect(), CONNECT_MS)
    await inTime(client.set(`lair:probe:${randomUUID()}`, '1', { PX: 1 }), COMMAND_MS)
    const info = await inTime(client.info('server'), COMMAND_MS)
    return /^(?:valkey|redis)_version:([\d.]+)/m.exec(info)?.[1] ?? 'of an unknown version'
  } catch (error) {
    throw redisFailure(error)
  } finally {
    client.destroy()
  }
}

/** A client that never connects again by itself, and never keeps a command for later. */
export function connectable(url: string) {
  return createClient({
    url,
    RESP: 2,
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
    commandOptions: { timeout: 0 }, // the library's limit ends when a command is sent; `inTime` limits the answer
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
  }).on('error', () => undefined) // the command that waits, or the next one, has the error too
}

/** The result of `promise`. @throws {RedisFailure} `redis-timeout` if it takes longer */
export async function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  promise.catch(() => undefined) // nobody waits for it any more if it comes late
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<never>((_, reject) => {
    const failure = () => reject(new RedisFailure('redis-timeout', `Redis did not answer within ${ms} ms`))
    // If this process was busy, the answer may be there already: Node reads it before `setImmediate`.
    timer = setTimeout(() => setImmediate(failure), ms)
  })
  return Promise.race([promise, timeUp]).finally(() => clearTimeout(timer))
}
