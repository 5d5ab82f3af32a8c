import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { causes, rows } from '../support/faults.js'
import { expectSignedOut, type Instances, startInstances, untilRedis } from '../support/instances.js'
import { ROOT } from '../support/process.js'
import { startRedisProxy } from '../support/redis-proxy.js'
import { findRedis, type RedisServer, startRedis } from '../support/redis-server.js'
import { askForAll, manySessions } from '../support/sessions.js'

const LION_O = 'lion-o@thundera.example'

let redis: RedisServer
let proxy: Awaited<ReturnType<typeof startRedisProxy>>
let instances: Instances
let sessions: string[]

beforeAll(async () => {
  if (!findRedis()) return
  redis = await startRedis()
  proxy = await startRedisProxy(redis.port)
  instances = await startInstances(2, proxy)
  const [first] = instances.all
  if (first) sessions = await manySessions(first, LION_O, 1000)
})
afterAll(async () => {
  await instances?.close()
  proxy?.close()
  await redis?.close()
})

/** Each key takes a millisecond. Redis looks for questions every kilobyte. */
const SLOW_LOADING = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024']

/** How each fault of the table begins and ends. */
const FAULTS: Record<string, { on: () => unknown; off: () => unknown; isSeen?: false }> = {
  'redis-down': { on: () => redis.stop(), off: () => redis.start() },
  'redis-hangs': { on: () => redis.pause(), off: () => redis.resume() },
  'redis-slow': {
    on: () => {
      proxy.network.delayMs = 400
    },
    off: () => {
      proxy.network.delayMs = 0
    },
  },
  'redis-stalls': {
    on: () => {
      proxy.network.stalls = true
    },
    off: () => {
      proxy.network.stalls = false
    },
  },
  'redis-loading': {
    async on() {
      await redis.ask(['EVAL', "for n = 1, 60000 do redis.call('SET', 'others:' .. n, n) end", '0'])
      await redis.ask(['SAVE'])
      await redis.stop()
      for (const lair of instances.all) await untilRedis(lair, false)
      await redis.start(SLOW_LOADING)
      for (const { log } of instances.all)
        await vi.waitFor(
          () => expect(log).toContainEqual(expect.objectContaining({ cause: 'redis-loading' })),
          5000,
        )
    },
    off: () => redis.ask(['CONFIG', 'SET', 'key-load-delay', '0']),
  },
  'redis-read-only': {
    on: () => redis.ask(['REPLICAOF', '127.0.0.1', '1']),
    off: () => redis.ask(['REPLICAOF', 'NO', 'ONE']),
  },
  'redis-full': {
    on: () => redis.ask(['CONFIG', 'SET', 'maxmemory', '1']),
    off: () => redis.ask(['CONFIG', 'SET', 'maxmemory', '0']),
  },
  'redis-password-changed': {
    async on() {
      await redis.ask(['CONFIG', 'SET', 'requirepass', 'new'])
      await redis.ask(['CLIENT', 'KILL', 'TYPE', 'normal'], 'new').catch(() => undefined)
    },
    off: () => redis.ask(['CONFIG', 'SET', 'requirepass', ''], 'new'),
  },
  'redis-flushed': { on: () => redis.ask(['FLUSHALL']), off: () => undefined, isSeen: false },
  'redis-trimmed': {
    on: async () => redis.ask(['XTRIM', await streamKey(), 'MAXLEN', '0']),
    off: () => undefined,
    isSeen: false,
  },
  'redis-foreign-value': {
    on: async () => redis.ask(['SET', await streamKey(), 'foreign']),
    off: () => undefined,
    isSeen: false,
  },
}

/** Faults with a test of their own, here or in failover.long.test.ts. */
const ELSEWHERE = ['redis-down-at-start', 'redis-failover', 'redis-demoted']

async function streamKey(): Promise<string> {
  const keys = (await redis.ask(['KEYS', '*:ended'])) as string[]
  return String(keys[0])
}

async function expectAllIn(): Promise<void> {
  for (const lair of instances.all) {
    const answers = await askForAll(lair, '/lair', sessions)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    const times = answers.map(({ ms }) => ms).sort((a, b) => a - b)
    expect(times.at(-51)).toBeLessThan(250) // only the first pages wait for Redis, five at once; a busy machine delays some
    expect(times.at(-1)).toBeLessThan(2000)
  }
}

describe.skipIf(!findRedis())('[135] Redis', () => {
  it('has a test for each fault of the table', () => {
    const tested = [...Object.keys(FAULTS), ...ELSEWHERE]
    expect(
      rows('Redis')
        .map(([fault]) => fault)
        .sort(),
    ).toEqual(tested.sort())
  })

  it.each(rows('Redis').filter(([fault]) => !ELSEWHERE.includes(fault)))(
    '%s: none of 1,000 sessions is lost, no page waits, a sign-out is everywhere within 5 s of the return',
    { timeout: 60_000 },
    async (fault, _what, cause) => {
      const { on, off, isSeen } = FAULTS[fault] ?? {}
      const early = await instances.signedIn(0)
      const visitor = await instances.signedIn(0)
      const copies = [instances.at(1, early), instances.at(1, visitor)]
      await early.ask('/logout')
      await vi.waitFor(async () => expect((await copies[0]?.ask('/lair'))?.status).toBe(302), 5000)
      const from = instances.all.map(({ log }) => log.length)

      await on?.()
      if (isSeen !== false) for (const lair of instances.all) await untilRedis(lair, false)
      instances.pass(61) // each instance needs the records anew
      await expectAllIn()
      await visitor.ask('/logout')
      expect((await visitor.ask('/lair')).status).toBe(302)
      for (const lair of instances.all) expect((await lair.visitor().ask('/readyz')).status).toBe(200)

      await off?.()
      await vi.waitFor(async () => expect((await copies[1]?.ask('/lair'))?.status).toBe(302), 5000)
      await instances.connected()
      await pause(1500) // the instances look once a second whether the stream is whole
      const late = await instances.add() // learns everything from Redis alone
      for (const copy of [early, visitor]) expect((await instances.at(2, copy).ask('/lair')).status).toBe(302)
      await late.close()
      instances.all.pop()
      await expectAllIn()
      for (const [instance, lair] of instances.all.entries()) {
        // A busy machine may take 250 ms for an answer at any time.
        const others = cause === 'redis-timeout' ? ['works'] : ['works', 'redis-timeout']
        if (fault === 'redis-loading') others.push('redis-unreachable') // if the app met Redis while it was down
        const found = causes(lair, Number(from[instance]), fault, 'Redis').filter(
          (line) => !others.includes(String(line)),
        )
        expect([...new Set(found)]).toEqual(cause === 'none' ? [] : [cause])
      }
    },
  )

  it('redis-down-at-start: the app serves; a mark made meanwhile is everywhere when Redis comes', async () => {
    const late = await startRedis()
    await late.stop()
    const young = await startInstances(0, late)
    await young.add()
    await young.add()
    await untilRedis(young.all[0] as never, false)
    const visitor = await young.signedIn(0)
    const copy = young.at(1, visitor)
    expect((await copy.ask('/lair')).status).toBe(200)
    await visitor.ask('/logout')
    await late.start()
    await vi.waitFor(async () => expect((await copy.ask('/lair')).status).toBe(302), 5000)
    for (const lair of young.all) expect(causes(lair, 0, '', 'Redis')).toEqual(['redis-unreachable', 'works'])
    await young.close()
    await late.close()
  })

  it('a connection that falls silent is noticed and made anew, though the other one works', async () => {
    const visitor = await instances.signedIn(0)
    const copy = instances.at(1, visitor)
    const from = instances.all.map(({ log }) => log.length)
    proxy.network.isSilent = true
    await visitor.ask('/logout')
    for (const lair of instances.all) await untilRedis(lair, false)
    proxy.network.isSilent = false
    await vi.waitFor(async () => expect((await copy.ask('/lair')).status).toBe(302), 5000)
    await instances.connected()
    for (const [instance, lair] of instances.all.entries())
      expect(causes(lair, Number(from[instance]), '', 'Redis')).toEqual(['redis-timeout', 'works'])
  })

  it('an instance that starts is ready when it has read what has ended, or when Redis fails', async () => {
    const slow = await startRedis()
    slow.pause()
    const young = await startInstances(0, slow, { BASE_URL: 'http://127.0.0.1:65005' })
    const started = young.add()
    await vi.waitFor(async () => {
      const { text } = await young.visitor(0).ask('/readyz')
      expect(JSON.parse(text)).toMatchObject({ ready: false, missing: ['ended sessions'] })
    }, 1500)
    await started // the connection is given up after two seconds
    expect(JSON.parse((await young.visitor(0).ask('/readyz')).text)).toMatchObject({ degraded: ['redis'] })
    slow.resume()
    await young.close()
    await slow.close()
  })

  it('a user with the rights that docs/redis.md names is enough; with one fewer, the log has one line', async () => {
    const doc = readFileSync(join(ROOT, 'docs/redis.md'), 'utf8')
    const [, sentence = ''] = /An ACL user needs the keys `lair:\*` and the commands (.*?)\n/s.exec(doc) ?? []
    const commands = [...sentence.matchAll(/`([A-Z]+)`/g)].map(([, command]) => `+${command?.toLowerCase()}`)
    const rights = (list: string[]) => ['ACL', 'SETUSER', 'cat', 'reset', 'on', '>ho', '~lair:*', ...list]
    const own = await startRedis()
    await own.ask(rights(commands))
    const url = own.url.replace('://', '://cat:ho@')
    const few = await startInstances(2, { url }, { BASE_URL: 'http://127.0.0.1:65004' })
    const visitor = await few.signedIn(0)
    const copy = few.at(1, visitor)
    expect((await copy.ask('/lair')).status).toBe(200)
    await visitor.ask('/logout')
    await expectSignedOut(copy)
    for (const lair of few.all) expect(causes(lair, 0, '', 'Redis')).toEqual([])

    await own.ask(rights(commands.filter((command) => command !== '+xrange')))
    await own.ask(['CLIENT', 'KILL', 'TYPE', 'normal']).catch(() => undefined)
    for (const lair of few.all) await untilRedis(lair, false)
    await pause(3000)
    for (const lair of few.all) expect(causes(lair, 0, '', 'Redis')).toEqual(['redis-auth'])
    await few.close()
    await own.close()
  })

  it('asks Okta if the instance that had the lease of a look-up is dead, within a second', async () => {
    const visitor = await instances.signedIn(0)
    const id = instances.okta.people[0]?.id
    const namespace = (await streamKey()).replace('ended', '')
    await redis.ask(['DEL', `${namespace}user:${id}`])
    await redis.ask(['SET', `${namespace}user-lease:${id}`, '1', 'PX', '60000'])
    instances.pass(400)
    const begun = performance.now()
    expect((await visitor.ask('/lair')).status).toBe(200)
    expect(performance.now() - begun).toBeLessThan(2500)
  })
})
