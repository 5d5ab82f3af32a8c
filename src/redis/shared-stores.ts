/** The stores that all instances of the app share through Redis or Valkey. `server.ts` loads this file only if REDIS_URL is set. */
import { hash } from 'node:crypto'
import type { AppConfig } from '../config.js'
import { createRateLimit } from '../sign-in/rate-limit.js'
import { createUsedTokens } from '../sign-in/used-tokens.js'
import type { Stores, StoresOptions } from '../stores.js'
import { createRedis, type Redis } from './redis.js'
import { createSharedMarks } from './shared-marks.js'
import { shareRateLimit } from './shared-rate-limit.js'
import { shareUsedTokens } from './shared-used-tokens.js'
import { shareUsers } from './shared-users.js'

/** @param options.now milliseconds since the epoch, by which the age of Okta's answers is measured */
export function createSharedStores({ config, log, now }: StoresOptions): Stores {
  const namespace = namespaceOf(config)
  const marks = createSharedMarks({
    key: `${namespace}ended`,
    maxSeconds: config.sessionMaxSeconds,
    log,
    redis: () => redis,
  })
  const redis: Redis = createRedis({ url: String(config.redisUrl), namespace, log, ...marks })
  const { userCacheSeconds: currentSeconds, signInLimitPerMinute: perMinute } = config
  return {
    endedSessions: marks.endedSessions,
    signInLimit: shareRateLimit(createRateLimit(perMinute), { redis, namespace, perMinute }),
    usedTokens: shareUsedTokens(createUsedTokens(now), { redis, namespace, now }),
    now: redis.now,
    shareUsers: (directory, groupNames) =>
      shareUsers(directory, { redis, namespace, groupNames, currentSeconds, log, now }),
    reading: () => (redis.hasTried() ? [] : ['ended sessions']),
    missing: () => (redis.works() ? [] : ['redis']),
    redis: marks,
    async close() {
      await marks.endedSessions.shared().catch(() => undefined) // Redis cannot be told: a restart forgets these marks
      redis.close()
    },
  }
}

/** Two apps may share a Redis: the names of their keys begin with a digest of org, issuer, client and base URL. */
function namespaceOf({ oktaOrgUrl, oktaIssuer, oktaClientId, baseUrl }: AppConfig): string {
  const app = JSON.stringify([oktaOrgUrl, oktaIssuer, oktaClientId, baseUrl])
  return `lair:${hash('sha256', app, 'base64url').slice(0, 16)}:`
}
