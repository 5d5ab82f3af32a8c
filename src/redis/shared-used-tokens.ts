/** The tokens of Universal Logout that have done their work at any instance. */
import type { UsedTokens } from '../sign-in/used-tokens.js'
import type { Redis } from './redis.js'

/**
 * @param own the tokens of this instance. It remembers them, too, and alone while Redis cannot be asked
 * @param options.namespace what the names of the app's keys begin with
 * @param options.now milliseconds since the epoch
 */
export function shareUsedTokens(
  own: UsedTokens,
  options: { redis: Redis; namespace: string; now: () => number },
): UsedTokens {
  const { redis, namespace, now } = options
  const keyOf = (id: string) => `${namespace}used-token:${id}`

  return {
    async has(id) {
      if (await own.has(id)) return true
      return redis.ask((client) => client.exists(keyOf(id))).then(Boolean, () => false)
    },
    async use(id, expiresAtMs) {
      if (!(await own.use(id, expiresAtMs))) return false
      const lifeMs = Math.max(1, Math.ceil(expiresAtMs - now()))
      const set = redis.ask((client) => client.set(keyOf(id), '1', { PX: lifeMs, condition: 'NX' }))
      const isFirst = set.then((answer) => answer !== null)
      return isFirst.catch(() => true)
    },
  }
}
