/** The check of the Redis that several instances share. */
import { valueIn } from '../../config.js'
import { redisUrl } from '../../setting-values.js'
import { type Check, failed, ok } from './check.js'

export const redis: Check = async ({ env }, after) => {
  await after('settings')
  const url = valueIn(env, 'REDIS_URL')
  if (url === undefined) return ok('REDIS_URL is not set: the app is one instance')
  const { probe } = await import('../../redis/redis.js')
  return probe(redisUrl(url)).then(
    (version) => ok(`Redis ${version} answers and takes writes`),
    ({ kind, message, remedy }) => failed(`${message} (${kind})`, { remedy }),
  )
}
