import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { PROFILE_FIELDS } from '../../src/users/user.js'
import { expectSignedOut, type Instances, startInstances } from '../support/instances.js'
import { SECRET_KEY } from '../support/lair.js'
import { startRedisProxy } from '../support/redis-proxy.js'
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
    instances.pass(60)
    expect((await visitor.ask('/lair')).status).toBe(403)
    await expectSignedOut(elsewhere)
    expect((await cheetara.ask('/lair')).status).toBe(200)
    await instances.okta.faults.clear()
    expect((await (await instances.signedInAgain(1)).ask('/lair')).status).toBe(200) // begun since: it stays
  })

  it('two apps share a Redis, and neither knows the sessions of the other', async () => {
    const other = await startInstances(1, redis, { BASE_URL: 'http://127.0.0.1:65002' })
    const keys = new Set((await keysOf(redis)).map((key) => key.split(':')[1]))
    expect(keys.size).toBe(2)
    await other.close()
  })
})

describe.skipIf(!findRedis())('the Users API, with REDIS_URL', () => {
  const asked = () => instances.okta.faults.asked.users

  /** Lion-O's browser, at every instance at once. */
  async function everywhere(visitor: Visitor): Promise<number[]> {
    const pages = instances.all.map((_, instance) => instances.at(instance, visitor).ask('/lair'))
    return (await Promise.all(pages)).map(({ status }) => status)
  }

  it('is asked once by all instances together, and once again after half of USER_CACHE_SECONDS', async () => {
    const visitor = await instances.signedIn(0, CHEETARA)
    expect(await everywhere(visitor)).toEqual(instances.all.map(() => 200))
    for (let turn = 1; turn <= 3; turn++) {
      const before = asked()
      instances.pass(31)
      await everywhere(visitor) // in the background
      await vi.waitFor(() => expect(asked()).toBe(before + 1), 1000)
      await everywhere(visitor)
      await pause(100) // an instance that waits for the record looks for it every 50 ms
      expect(asked()).toBe(before + 1)
    }
  })

  it.each(['not JSON', '{"version":1}', '[]', '{"version":2,"id":"ID","status":"ACTIVE","askedAt":NOW}'])(
    'is asked if the record is no record of this app: %s; the log has a line',
    async (text) => {
      const visitor = await instances.signedIn(0)
      const [id = ''] = instances.okta.people.map((person) => person.id)
      const key = await vi.waitFor(async () => {
        const found = (await keysOf(redis)).find((name) => name.endsWith(`:user:${id}`))
        return found ?? Promise.reject(new Error('not shared yet'))
      })
      await redis.ask(['SET', key, text.replace('ID', id).replace('NOW', String(Date.now()))])
      const before = asked()
      instances.pass(61)
      expect((await visitor.ask('/lair')).status).toBe(200)
      expect(asked()).toBe(before + 1)
      const lines = instances.all[0]?.log.filter(({ msg }) => msg === 'a value is no record of a user')
      expect(lines).toContainEqual(
        expect.objectContaining({ level: 'warn', dependency: 'Redis', subject: id }),
      )
    },
  )
})

describe.skipIf(!findRedis())('a record that an instance has from another one', () => {
  it('is as old as Okta’s answer: what Okta decides since is felt within USER_CACHE_SECONDS', async () => {
    const pair = await startInstances(2, redis, { BASE_URL: 'http://127.0.0.1:65008' })
    const { asked } = pair.okta.faults
    const elsewhere = pair.at(1, await pair.signedIn(0))
    pair.pass(20)
    expect((await elsewhere.ask('/lair')).status).toBe(200)
    expect(asked.users).toBe(1)
    await pair.okta.faults.on('account-suspended')
    pair.pass(41)
    expect((await elsewhere.ask('/lair')).status).toBe(403)
    await pair.close()
  })
})

describe.skipIf(!findRedis())('[132] groups, with REDIS_URL', () => {
  it('are read once by all instances, and felt by all; a record without them serves nobody who needs them', async () => {
    const BASE_URL = 'http://127.0.0.1:65004'
    const keepers = await startInstances(2, redis, { BASE_URL, LAIR_GROUPS: 'Lair keepers' })
    const { asked } = keepers.okta.faults
    const lionO = await keepers.signedIn(0)
    expect((await keepers.at(1, lionO).ask('/lair')).status).toBe(200)
    expect([asked.users, asked.groups]).toEqual([1, 1])
    await keepers.okta.faults.on('account-in-no-group')
    keepers.pass(60)
    for (const instance of [1, 0]) expect((await keepers.at(instance, lionO).ask('/lair')).status).toBe(403)
    await keepers.okta.faults.clear()
    await keepers.add({ LAIR_GROUPS: 'Thundercats' }) // as while the setting changes
    expect((await keepers.at(2, lionO).ask('/lair')).status).toBe(200)
    await keepers.close()
  })

  it('that could not be read are nothing that an instance shares: the next one asks Okta', async () => {
    const BASE_URL = 'http://127.0.0.1:65006'
    const keepers = await startInstances(2, redis, { BASE_URL, LAIR_GROUPS: 'Lair keepers' })
    await keepers.okta.faults.on('groups-500')
    const lionO = keepers.visitor(0)
    expect((await lionO.signIn('lion-o@thundera.example')).status).toBe(503)
    await keepers.okta.faults.clear()
    expect((await keepers.at(1, lionO).ask('/lair')).status).toBe(200)
    await keepers.close()
  })
})

describe.skipIf(!findRedis())('[114] the sign-in limit, with REDIS_URL', () => {
  it('counts the sign-ins of one address at all instances together', async () => {
    const limited = await startInstances(2, redis, {
      BASE_URL: 'http://127.0.0.1:65003',
      SIGN_IN_LIMIT_PER_MINUTE: '3',
    })
    const statuses = []
    for (const instance of [0, 1, 0, 1, 0])
      statuses.push((await limited.visitor(instance).ask('/login')).status)
    expect(statuses).toEqual([302, 302, 302, 429, 429])
    const { headers } = await limited.visitor(1).ask('/login')
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60)
    await limited.close()
  })
})

describe.skipIf(!findRedis())('[136] Redis', () => {
  it('holds the fields that docs/redis.md names, and nothing secret; everything in it expires or is trimmed', async () => {
    const visitor = await instances.signedIn(0)
    await visitor.ask('/lair')
    await visitor.ask('/logout')
    const keys = await keysOf(redis)
    for (const key of keys) {
      const isStream = key.endsWith(':ended')
      const secondsLeft = Number(await redis.ask(['TTL', key]))
      expect([key, isStream || secondsLeft > 0]).toEqual([key, true])
      if (key.includes(':user:')) {
        const record = JSON.parse(String(await redis.ask(['GET', key])))
        const others = ['askedAt', 'askedGroups', 'groups', 'id', 'lastLogin', 'status', 'version']
        expect(Object.keys(record).sort()).toEqual([...others, ...PROFILE_FIELDS].sort())
      }
    }
    const dump = JSON.stringify(await Promise.all(keys.map((key) => contentOf(redis, key))))
    const { okta } = instances
    for (const secret of [okta.clientSecret, okta.apiToken, SECRET_KEY, ...visitor.cookies.values()])
      expect([dump.includes(secret), secret]).toEqual([false, secret])
    expect(dump).not.toMatch(/eyJ[\w-]+\./) // a token
    expect(dump).not.toContain('127.0.0.1')
  })

  it('has a sign-out before the browser has its answer', async () => {
    const proxy = await startRedisProxy(redis.port)
    const far = await startInstances(1, proxy, { BASE_URL: 'http://127.0.0.1:65005' })
    const visitor = await far.signedIn(0)
    proxy.network.delayMs = 150
    const begun = performance.now()
    await visitor.ask('/logout')
    expect(performance.now() - begun).toBeGreaterThan(150)
    await far.close()
    proxy.close()
  })

  it('may be slow to tell an instance the time: that instance ends also what began elsewhere just before, and nothing for long', async () => {
    const proxy = await startRedisProxy(redis.port)
    proxy.network.delayMs = 150
    const pair = await startInstances(1, proxy, { BASE_URL: 'http://127.0.0.1:65007' })
    await pair.add({ REDIS_URL: redis.url })
    const [visitor, elsewhere] = [await pair.signedIn(0), await pair.signedIn(1)]
    expect((await visitor.ask('/logout/everywhere', { method: 'post' })).status).toBe(303)
    await expectSignedOut(elsewhere)
    expect((await (await pair.signedInAgain(1)).ask('/lair')).status).toBe(200)
    await pair.close()
    proxy.close()
  })
})

async function keysOf(server: RedisServer): Promise<string[]> {
  return (await server.ask(['KEYS', '*'])) as string[]
}

async function contentOf(server: RedisServer, key: string): Promise<unknown> {
  const type = await server.ask(['TYPE', key])
  return [key, await server.ask(type === 'stream' ? ['XRANGE', key, '-', '+'] : ['GET', key])]
}
