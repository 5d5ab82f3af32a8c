import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SITE } from '../../src/site.js'
import { causes } from '../support/faults.js'
import { type Instances, startInstances, untilRedis } from '../support/instances.js'
import { startRedisProxy } from '../support/redis-proxy.js'
import { findRedis, type RedisServer, startRedis } from '../support/redis-server.js'
import type { Visitor } from '../support/visitor.js'

const NOBODY = ['127.0.0.1', '1']

let first: RedisServer
let second: RedisServer
/** The address at which a provider keeps the primary. */
let address: Awaited<ReturnType<typeof startRedisProxy>>
let instances: Instances
beforeAll(async () => {
  if (!findRedis()) return
  first = await startRedis()
  second = await startRedis()
  await follow(second, first)
  address = await startRedisProxy(first.port)
  instances = await startInstances(3, address)
})
afterAll(async () => {
  await instances?.close()
  address?.close()
  await first?.close()
  await second?.close()
})

/** Makes `replica` a replica, and waits until it has everything that `primary` has. */
async function follow(replica: RedisServer, primary: RedisServer): Promise<void> {
  await replica.ask(['REPLICAOF', '127.0.0.1', String(primary.port)])
  await vi.waitFor(async () => {
    expect(await replica.ask(['INFO', 'replication'])).toContain('master_link_status:up')
    expect(await replica.ask(['DBSIZE'])).toBe(await primary.ask(['DBSIZE']))
  }, 10_000)
}

/** @returns a copy of the browser of a person who has signed out at the instance */
async function signedOut(instance: number): Promise<Visitor> {
  const visitor = await instances.signedIn(instance)
  const copy = visitor.copy()
  await visitor.ask('/logout')
  return copy
}

async function expectOut(copies: Visitor[]): Promise<void> {
  for (const [instance] of instances.all.entries())
    for (const copy of copies) expect((await instances.at(instance, copy).ask('/lair')).status).toBe(302)
}

const told = (from: number[]) =>
  instances.all.map((lair, instance) => causes(lair, Number(from[instance]), '', 'Redis'))

describe.skipIf(!findRedis())('[135] the replica takes the place of the primary', () => {
  it('redis-failover: what ended before, meanwhile and since is refused everywhere, also what the replica never got', {
    timeout: 60_000,
  }, async () => {
    const living = await instances.signedIn(0)
    const received = await signedOut(0)
    expect(await first.ask(['WAIT', '1', '5000'])).toBe(1)
    await second.ask(['REPLICAOF', ...NOBODY])
    const lost = [await signedOut(1), await signedOut(2)]
    await vi.waitFor(() => expectOut([received, ...lost]), 1000)
    const from = instances.all.map(({ log }) => log.length)

    await first.stop()
    for (const lair of instances.all) await untilRedis(lair, false)
    const meanwhile = await signedOut(0)
    await instances.all.pop()?.close() // one of the two that the primary told
    await second.ask(['REPLICAOF', 'NO', 'ONE'])
    address.network.port = second.port
    await vi.waitFor(() => expectOut([received, ...lost, meanwhile]), 5000)
    await instances.connected()
    await instances.add() // learns everything from the new primary alone
    await expectOut([received, ...lost, meanwhile])
    const since = await signedOut(2)
    await vi.waitFor(() => expectOut([since]), 1000)
    for (const [instance] of instances.all.entries())
      expect((await instances.at(instance, living).ask('/lair')).status).toBe(200)
    expect(told(from).slice(0, 2)).toEqual(Array(2).fill(['redis-unreachable', 'works']))
  })

  it('redis-demoted: the address names the old primary, which is a replica; later the app finds the new one by itself', {
    timeout: 60_000,
  }, async () => {
    await first.start()
    await follow(first, second)
    const from = instances.all.map(({ log }) => log.length)
    address.network.port = first.port
    address.disconnect()
    for (const lair of instances.all) await untilRedis(lair, false)
    const waiting = await signedOut(0)
    const elsewhere = instances.at(1, waiting)
    expect((await elsewhere.ask('/lair')).status).toBe(200)
    expect((await instances.signedIn(1)).cookies.has(SITE.slug)).toBe(true)

    address.network.port = second.port // the connections to the replica stay
    await vi.waitFor(() => expectOut([waiting]), 5000)
    await instances.connected()
    expect(told(from)).toEqual(instances.all.map(() => ['redis-read-only', 'works']))
    const line = instances.all[0]?.log.find(({ cause }) => cause === 'redis-read-only')
    expect(line?.remedy).toContain('replica')
  })
})
