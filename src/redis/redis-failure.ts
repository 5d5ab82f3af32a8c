/** How Redis fails, as the log names it. */
import { ErrorReply, TimeoutError } from '@redis/client'

/** Each kind, with what the operator can do about it. `undefined`: only Redis or the network can end the failure. */
export const REMEDIES = {
  'redis-unreachable': 'Check that Redis runs, and REDIS_URL',
  'redis-timeout': undefined,
  'redis-auth':
    'Compare user and password in REDIS_URL with those of Redis, and restart. An ACL user needs the commands that docs/redis.md names',
  'redis-read-only': 'Let REDIS_URL name the primary: this Redis is a replica',
  'redis-full':
    'Redis takes no writes: see its log. It needs more maxmemory, or its disk is full. docs/redis.md tells the sizes',
  'redis-loading': undefined,
  'redis-foreign-value': 'Another program writes under the names of this app: docs/redis.md',
  'redis-refused': 'Check that this is Redis 6.2 or later, or Valkey: docs/redis.md',
} as const satisfies Record<string, string | undefined>

export type RedisFailureKind = keyof typeof REMEDIES

/** The first word of an error reply, as Redis documents them. https://redis.io/docs/latest/develop/reference/protocol-spec/ */
const BY_CODE: Record<string, RedisFailureKind> = {
  NOAUTH: 'redis-auth',
  WRONGPASS: 'redis-auth',
  NOPERM: 'redis-auth',
  READONLY: 'redis-read-only',
  OOM: 'redis-full',
  MISCONF: 'redis-full',
  LOADING: 'redis-loading',
  MASTERDOWN: 'redis-loading',
  WRONGTYPE: 'redis-foreign-value',
  // The server has become a replica. What the next connection meets says more.
  UNBLOCKED: 'redis-unreachable',
}

/** How Redis 7, and Redis 6, refuse an entry of a stream in which another program has used the last possible id. */
const NO_ID_LEFT = /^ERR .*(exhausted the last possible ID|ID specified in XADD is equal or smaller)/

export class RedisFailure extends Error {
  override name = 'RedisFailure'
  readonly kind: RedisFailureKind
  readonly remedy: string | undefined

  constructor(kind: RedisFailureKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
    this.remedy = REMEDIES[kind]
  }
}

/** @param error what the Redis client threw */
export function redisFailure(error: unknown): RedisFailure {
  if (error instanceof RedisFailure) return error
  const cause = error instanceof AggregateError ? error.errors[0] : error // localhost has two addresses
  if (cause instanceof TimeoutError)
    return new RedisFailure('redis-timeout', 'Redis did not answer in time', { cause })
  if (!(cause instanceof ErrorReply)) {
    return new RedisFailure('redis-unreachable', 'Redis cannot be reached', { cause })
  }
  // Only the first word: the rest may repeat a command, and with it the password.
  const [code = ''] = /^[A-Z]+/.exec(cause.message) ?? []
  const kind = NO_ID_LEFT.test(cause.message) ? 'redis-foreign-value' : BY_CODE[code]
  return new RedisFailure(kind ?? 'redis-refused', `Redis refuses a command (${code})`)
}
