/** The sign-in limit, counted together by several instances. */
import { hash } from 'node:crypto'
import { networkOf, type RateLimit, WINDOW_MS } from '../sign-in/rate-limit.js'
import type { Redis } from './redis.js'

/**
 * @param own the limit of this instance. It counts first, and alone while Redis cannot be asked
 * @param options.perMinute attempts for one address at all instances together
 * @param options.namespace what the names of the app's keys begin with
 */
export function shareRateLimit(
  own: RateLimit,
  options: { redis: Redis; namespace: string; perMinute: number },
): RateLimit {
  const { redis, namespace, perMinute } = options

  return async function attempt(address) {
    const waitSeconds = await own(address)
    if (waitSeconds !== undefined) return waitSeconds
    const key = `${namespace}sign-ins:${digestOf(networkOf(address).network)}`
    const counted = redis.ask((client) =>
      client.multi().set(key, 0, { PX: WINDOW_MS, condition: 'NX' }).incr(key).pTTL(key).execTyped(),
    )
    const [, count, leftMs] = await counted.catch(() => [null, 0, 0] as const)
    return count > perMinute ? Math.max(1, Math.ceil(leftMs / 1000)) : undefined
  }
}

/** Redis gets no address of anybody. */
function digestOf(network: string): string {
  return hash('sha256', network, 'base64url').slice(0, 22)
}
