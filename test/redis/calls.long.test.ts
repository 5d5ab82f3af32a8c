import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Instances, startInstances } from '../support/instances.js'
import { findRedis, type RedisServer, startRedis } from '../support/redis-server.js'
import type { Visitor } from '../support/visitor.js'

let redis: RedisServer
let instances: Instances
beforeAll(async () => {
  if (!findRedis()) return
  redis = await startRedis()
  instances = await startInstances(3, redis)
})
afterAll(async () => {
  await instances?.close()
  await redis?.close()
})

describe.skipIf(!findRedis())('how often three instances ask the Users API', () => {
  // If the machine is so busy that Redis seems to hang, each instance asks by itself for a second: hence the retry.
  it('once for each of 100 people and half of USER_CACHE_SECONDS, for five minutes', {
    timeout: 120_000,
    retry: 1,
  }, async () => {
    const { okta } = instances
    const [lionO] = okta.people
    if (!lionO) throw new Error('no Lion-O')
    const visitors: Visitor[] = []
    for (let n = 0; n < 100; n++) {
      const login = `cat-${n}@thundera.example`
      const id = `00ucat${String(n).padStart(14, '0')}`
      okta.people.push({ ...lionO, id, profile: { ...lionO.profile, login } })
      visitors.push(await instances.signedIn(n % 3, login))
    }
    for (let half = 0; half < 10; half++) {
      instances.pass(31)
      const before = okta.faults.asked.users
      for (const visitor of visitors) {
        const pages = await Promise.all([0, 1, 2].map((at) => instances.at(at, visitor).ask('/lair')))
        expect(pages.map(({ status }) => status)).toEqual([200, 200, 200])
      }
      await vi.waitFor(() => expect(okta.faults.asked.users - before).toBe(100), 5000)
      await Promise.all(visitors.map((visitor, n) => instances.at(n % 3, visitor).ask('/lair')))
      expect(okta.faults.asked.users - before).toBe(100)
    }
  })
})
