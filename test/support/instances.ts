/** Several instances of the app at one address, with one Redis and one local Okta, as behind a load balancer. */
import { expect, vi } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { type Lair, startLair } from './lair.js'
import type { RedisServer } from './redis-server.js'
import { Visitor } from './visitor.js'

/** The address that browsers see. Nobody listens there: each visitor asks one of the instances. */
const BASE_URL = 'http://127.0.0.1:65001'

export interface Instances {
  okta: LocalOkta
  all: Lair[]
  /** A stranger whose requests go to an instance. */
  visitor(instance: number): Visitor
  /** Lion-O, or somebody else, who has signed in at an instance. */
  signedIn(instance: number, login?: string): Promise<Visitor>
  /** The same, after all sessions of that person were ended: the instances know the time to some milliseconds only. */
  signedInAgain(instance: number): Promise<Visitor>
  /** The same browser, whose requests go to another instance from now on. */
  at(instance: number, visitor: Visitor): Visitor
  /** Starts another instance. */
  add(env?: Record<string, string>): Promise<Lair>
  /** Moves the clock by which all instances measure the age of Okta's answers. */
  pass(seconds: number): void
  /** Resolves when every instance says that Redis works. */
  connected(): Promise<void>
  close(): Promise<void>
}

export async function startInstances(
  count: number,
  redis: Pick<RedisServer, 'url'> | undefined,
  env: Record<string, string> = {},
): Promise<Instances> {
  const okta = await startLocalOkta()
  const all: Lair[] = []
  let passedSeconds = 0
  const settings = { BASE_URL, ...(redis && { REDIS_URL: redis.url }), ...env }
  const reachOf = (instance: number) => String(all[instance]?.reach)
  const instances: Instances = {
    okta,
    all,
    visitor: (instance) => new Visitor(settings.BASE_URL, reachOf(instance)),
    async signedIn(instance, login) {
      return (await all[instance]?.signedIn(login)) as Visitor
    },
    signedInAgain: (instance) => vi.waitFor(() => instances.signedIn(instance), 1000),
    at: (instance, visitor) => visitor.copy(reachOf(instance)),
    async add(more = {}) {
      const lair = await startLair({ ...settings, ...more }, { sharedOkta: okta })
      all.push(lair)
      lair.pass(passedSeconds)
      await lair.ready()
      return lair
    },
    pass(seconds) {
      passedSeconds += seconds
      for (const lair of all) lair.pass(seconds)
    },
    async connected() {
      for (const lair of all) await untilRedis(lair, true)
    },
    async close() {
      await Promise.all(all.map((lair) => lair.close()))
      await okta.close()
    },
  }
  for (let instance = 0; instance < count; instance++) await instances.add()
  if (redis) await instances.connected()
  return instances
}

/** Ended on one instance, refused on the visitor's: within a second. */
export async function expectSignedOut(visitor: Visitor): Promise<void> {
  await vi.waitFor(async () => expect((await visitor.ask('/lair')).status).toBe(302), 1000)
}

/** Resolves when the instance says that Redis works, or that it does not. */
export async function untilRedis(lair: Lair, works: boolean): Promise<void> {
  const deadline = Date.now() + 15_000
  for (;;) {
    const { degraded } = JSON.parse((await new Visitor(lair.url, lair.reach).ask('/readyz')).text)
    if (degraded.includes('redis') !== works) return
    if (Date.now() > deadline) throw new Error(`Redis ${works ? 'does not work' : 'still works'}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
