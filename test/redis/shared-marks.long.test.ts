import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createLog } from '../../src/log.js'
import { createRedis, type Redis } from '../../src/redis/redis.js'
import { createSharedMarks } from '../../src/redis/shared-marks.js'
import { findRedis, type RedisServer, startRedis } from '../support/redis-server.js'

let server: RedisServer
beforeAll(async () => {
  if (findRedis()) server = await startRedis()
})
afterAll(() => server?.close())

/** The shared marks of one instance, with room for 100 single sessions. */
async function instance(key: string) {
  const log = createLog({ logLevel: 'silent' })
  const marks = createSharedMarks({ key, maxSeconds: 3600, maxMarks: 100, log, redis: () => redis })
  const redis: Redis = createRedis({ url: server.url, namespace: `${key}:`, log, ...marks })
  onTestFinished(() => redis.close())
  await vi.waitFor(() => expect(redis.works()).toBe(true), 5000)
  return marks
}

const session = (n: number, subject = `person-${n % 7}`) => {
  return { id: String(n).padStart(22, '0'), startedAt: Date.now() - 1000, person: { subject } }
}

describe.skipIf(!findRedis())('the stream of ended sessions', () => {
  it('becomes shorter when it is too long; what ended stays ended everywhere, and everything else lives on', async () => {
    const [one, other] = [await instance('long'), await instance('long')]
    const all = Array.from({ length: 1000 }, (_, n) => session(n))
    for (const ended of all) {
      one.endedSessions.end(ended)
      if (ended.id.endsWith('9')) await one.endedSessions.shared()
    }
    await vi.waitFor(async () => expect(Number(await server.ask(['XLEN', 'long']))).toBeLessThan(250), 5000)
    const late = await instance('long')
    for (const { endedSessions } of [one, other, late]) {
      expect(all.filter((ended) => !endedSessions.has(ended))).toEqual([])
      expect(endedSessions.has(session(5000, 'nobody'))).toBe(false)
      expect(endedSessions.has({ ...session(5001), startedAt: Date.now() + 1 })).toBe(false)
    }
  })

  it('is whole again within seconds of a flush, also while sessions go on ending', async () => {
    const one = await instance('flushed')
    const before = session(1)
    one.endedSessions.end(before)
    await one.endedSessions.shared()
    const busy = setInterval(() => one.endedSessions.end(session(Math.floor(performance.now()))), 50)
    onTestFinished(() => clearInterval(busy))
    await pause(1500)
    await server.ask(['DEL', 'flushed'])
    await pause(3000)
    expect((await instance('flushed')).endedSessions.has(before)).toBe(true)
  })

  it('drops entries that are too old to matter', async () => {
    const marks = await instance('old')
    const entry = (n: number) => [
      'XADD',
      'old',
      `1600000000000-${n}`,
      'mark',
      `1600003600000 ${session(n).id} person`,
    ]
    for (let n = 1; n <= 150; n++) await server.ask(entry(n)) // Redis drops a hundred at a time
    for (let n = 0; n < 10; n++) marks.endedSessions.end(session(n))
    await marks.endedSessions.shared()
    expect(Number(await server.ask(['XLEN', 'old']))).toBeLessThan(100)
  })

  it('gets rid of 300,000 entries that another program has added', async () => {
    const one = await instance('flood')
    one.endedSessions.end(session(1))
    await one.endedSessions.shared()
    await server.ask(['EVAL', "for n = 1, 300000 do redis.call('XADD', 'flood', '*', 'a', 'b') end", '0'])
    await vi.waitFor(async () => expect(await server.ask(['XLEN', 'flood'])).toBe(1), 20_000)
    expect((await instance('flood')).endedSessions.has(session(1))).toBe(true)
  })

  it('is replaced if another program has used the last id that an entry can have', async () => {
    const [one, other] = [await instance('last'), await instance('last')]
    const [before, since] = [session(1), session(2)]
    one.endedSessions.end(before)
    await one.endedSessions.shared()
    await server.ask(['XADD', 'last', `${2n ** 64n - 1n}-${2n ** 64n - 1n}`, 'a', 'b'])
    one.endedSessions.end(since)
    await vi.waitFor(() => expect(other.endedSessions.has(since)).toBe(true), 5000)
    const late = await instance('last')
    expect([before, since].map(late.endedSessions.has)).toEqual([true, true])
  })

  it('is followed over the same connection while it is too long and Redis has no room', async () => {
    const one = await instance('room')
    const connections = async () =>
      /total_connections_received:(\d+)/.exec(String(await server.ask(['INFO', 'stats'])))
    await server.ask(['EVAL', "for n = 1, 1000 do redis.call('XADD', 'room', '*', 'a', 'b') end", '0'])
    await server.ask(['CONFIG', 'SET', 'maxmemory', '1'])
    onTestFinished(() => void server.ask(['CONFIG', 'SET', 'maxmemory', '0']))
    await pause(1500)
    const before = Number((await connections())?.[1])
    await pause(3000)
    expect(Number((await connections())?.[1])).toBe(before + 1)
    one.endedSessions.end(session(1))
    expect(one.unshared()).toBe(1)
    await server.ask(['CONFIG', 'SET', 'maxmemory', '0'])
    await vi.waitFor(() => expect(one.unshared()).toBe(0), 5000)
  })

  it('is read even if a part of it is not ours; the rest counts', async () => {
    await server.ask(['XADD', 'foreign', '*', 'something', 'else'])
    const ended = session(1)
    await server.ask([
      'XADD',
      'foreign',
      '*',
      'mark',
      `${Date.now() + 1e6} ${ended.id} ${ended.person.subject}`,
    ])
    await server.ask(['XADD', 'foreign', '*', 'mark', '1 2 3'])
    const { endedSessions } = await instance('foreign')
    expect([endedSessions.has(ended), endedSessions.has(session(2))]).toEqual([true, false])
  })
})
