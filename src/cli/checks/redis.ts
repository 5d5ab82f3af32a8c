/** The check of the Redis that several instances share. */
import { type Check, failed, ok } from './check.js'

export const redis: Check = async ({ config }, after) => {
  await after('settings')
  const { redisUrl: url } = config()
  if (url === undefined) return ok('REDIS_URL is not set: the app is one instance')
  const { probe } = await import('../../redis/redis-client.js')
  return probe(url).then(
    (version) => ok(`Redis ${version} answers and takes writes`),
    ({ kind, message, remedy }) => failed(`${message} (${kind})`, { remedy }),
  )
}
