import { inspect } from 'node:util'
import { SimpleError } from '@redis/client'
import { describe, expect, it } from 'vitest'
import { redisFailure } from '../../src/redis/redis-failure.js'

describe('a refusal of Redis', () => {
  it.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'redis-auth'],
    ['READONLY You can’t write against a read only replica.', 'redis-read-only'],
    ['ERR The stream has exhausted the last possible ID, unable to add more items', 'redis-foreign-value'],
    [
      'ERR The ID specified in XADD is equal or smaller than the target stream top item',
      'redis-foreign-value',
    ],
    ["ERR unknown command 'AUTH', with args beginning with: 'user' 'hunter2secret'", 'redis-refused'],
  ])('%s: its kind is known, and nothing of the command is repeated', (message, kind) => {
    const failure = redisFailure(new SimpleError(message))
    expect(failure.kind).toBe(kind)
    expect(failure.remedy).toEqual(expect.any(String))
    expect(inspect(failure)).not.toMatch(/hunter2secret|AUTH/)
  })
})
