import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Instances, startInstances } from '../support/instances.js'
import { findRedis, type RedisServer, startRedis } from '../support/redis-server.js'
import type { Visitor } from '../support/visitor.js'

const CHEETARA = 'cheetara@thundera.example'

let redis: RedisServer
let instances: Instances
beforeAll(async () => {
  if (!findRedis()) return
  redis = await startRedis()
  instances = await startInstances(2, redis)
})
afterAll(async () => {
  await instances?.close()
  await redis?.close()
})

/** Ended on one instance, refused on the other: within a second. */
async function expectSignedOut(visitor: Visitor): Promise<void> {
  await vi.waitFor(async () => expect((await visitor.ask('/lair')).status).toBe(302), 1000)
}

describe.skipIf(!findRedis())('[135] with REDIS_URL', () => {
  it('a sign-out on one instance ends the session on the other, also for copies of the cookie', async () => {
    const visitor = await instances.signedIn(0)
    const copy = instances.at(1, visitor)
    expect((await copy.ask('/lair')).status).toBe(200)
    await visitor.ask('/logout')
    await expectSignedOut(copy)
  })

  it('a sign-out holds on an instance that starts later', async () => {
    const visitor = await instances.signedIn(0)
    const copy = visitor.copy()
    await visitor.ask('/logout')
    await instances.add()
    expect((await instances.at(2, copy).ask('/lair')).status).toBe(302)
  })

  it('a verdict of Okta’s ends the person’s sessions on every instance, and nobody else’s', async () => {
    const [visitor, cheetara] = [await instances.signedIn(0), await instances.signedIn(1, CHEETARA)]
    const elsewhere = await instances.signedIn(1)
    await instances.okta.faults.on('account-suspended', 'lion-o@thundera.example')
    instances.all[0]?.pass(60)
    expect((await visitor.ask('/lair')).status).toBe(403)
    await expectSignedOut(elsewhere)
    expect((await cheetara.ask('/lair')).status).toBe(200)
    await instances.okta.faults.clear()
    expect((await (await instances.signedIn(1)).ask('/lair')).status).toBe(200) // begun since: it stays
  })
})
