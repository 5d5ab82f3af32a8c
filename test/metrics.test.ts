import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '../src/config.js'
import { createLog } from '../src/log.js'
import { createMetrics } from '../src/metrics.js'
import { OktaFailure } from '../src/okta/failure.js'
import { DEPENDENCIES } from '../src/okta/health.js'
import { startServer } from '../src/server.js'
import type { User } from '../src/users/user.js'
import { createMetricsServer } from '../src/web/metrics-server.js'
import { sendCrowd, startStrangeOrg } from './support/crowd.js'
import { untilRedis } from './support/instances.js'
import { environmentFor, type Lair, startLair } from './support/lair.js'
import { metricsPort, parse } from './support/metrics.js'
import { freePort, isFree, ROOT } from './support/process.js'
import { findRedis, startRedis } from './support/redis-server.js'

const LION_O = 'lion-o@thundera.example'

let metrics: Awaited<ReturnType<typeof metricsPort>>
let lair: Lair
beforeAll(async () => {
  metrics = await metricsPort()
  lair = await startLair({ ...metrics.env, LOG_LEVEL: 'silent' })
})
afterEach(async () => {
  vi.useRealTimers()
  await lair.okta.faults.clear()
})
afterAll(() => lair.close())

/** By how much each series grows while `act` runs; without those that do not. */
async function growth(act: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await metrics.read()
  await act()
  const after = await metrics.read()
  const grown = after.series.map((one) => [one, (after.value(one) ?? 0) - (before.value(one) ?? 0)] as const)
  return Object.fromEntries(grown.filter(([, by]) => by !== 0))
}

describe('the metrics', () => {
  it('count answers by route and status, with their time', async () => {
    const grown = await growth(async () => {
      const visitor = lair.visitor()
      for (const path of [
        '/',
        '/?a=b',
        '/lair',
        '/healthz',
        '/nowhere',
        '/assets/lair.css',
        '/assets/nothing',
      ])
        await visitor.ask(path)
      await visitor.ask('/lair', { method: 'delete' })
    })
    const total = (route: string, status: number) =>
      grown[`lair_http_requests_total{route="${route}",status="${status}"}`]
    expect(total('/', 200)).toBe(2)
    expect([total('/lair', 302), total('/lair', 405)]).toEqual([1, 1])
    expect([total('/healthz', 200), total('none', 404)]).toEqual([1, 1])
    expect([total('/assets', 200), total('/assets', 404)]).toEqual([1, 1])
    expect(grown['lair_http_request_duration_seconds_count{route="/lair"}']).toBe(2)
    expect(grown['lair_http_request_duration_seconds_sum{route="/lair"}']).toBeGreaterThan(0)
  })

  it('count sign-ins by the code that the log has', async () => {
    const grown = await growth(async () => {
      await lair.signedIn()
      await lair.visitor().signIn('mumm-ra@thirdearth.example')
      await lair.okta.faults.on('token-invalid-client')
      await lair.visitor().signIn(LION_O)
    })
    expect(grown).toMatchObject({
      'lair_sign_ins_total{outcome="ok"}': 1,
      'lair_sign_ins_total{outcome="not_assigned"}': 1,
      'lair_sign_ins_total{outcome="okta_unavailable"}': 1,
    })
  })

  it('count ended sessions by reason', async () => {
    const grown = await growth(async () => {
      await (await lair.signedIn()).ask('/logout')
      await lair.visitor().signIn('jaga@thundera.example') // deleted in Okta
      const [idle, old] = [await lair.signedIn(), await lair.signedIn()]
      vi.useFakeTimers({ toFake: ['Date'] })
      vi.setSystemTime(Date.now() + 3601_000)
      await idle.ask('/')
      vi.setSystemTime(Date.now() + 43_200_000)
      await old.ask('/')
    })
    const reasons = ['signed out', 'verdict', 'idle timeout', 'absolute timeout']
    const ended = reasons.map((reason) => grown[`lair_sessions_ended_total{reason="${reason}"}`])
    expect(ended).toEqual([1, 1, 1, 1])
  })

  it('count the calls of the Users API, and tell whether it works and is asked', async () => {
    const visitor = await lair.signedIn()
    const grown = await growth(async () => {
      lair.pass(61)
      await visitor.ask('/lair')
      await lair.okta.faults.on('users-500')
      lair.pass(1000)
      await visitor.ask('/lair')
    })
    expect(grown).toMatchObject({
      'lair_user_lookups_total{outcome="found"}': 1,
      'lair_user_lookups_total{outcome="server-error"}': expect.any(Number),
      'lair_dependency_up{dependency="Users API"}': -1,
    })
    await lair.okta.faults.on('users-rate-limited')
    lair.pass(1000)
    await visitor.ask('/lair')
    expect((await metrics.read()).value('lair_users_api_held_back')).toBe(1)
    await lair.okta.faults.clear()
    lair.pass(1000)
    await visitor.ask('/lair')
    const { value } = await metrics.read()
    expect(value('lair_dependency_up{dependency="Users API"}')).toBe(1)
    expect(value('lair_users_api_held_back')).toBe(0)
  })

  it('count a call without the groups that pages ask for as the failure that it is', async () => {
    const counted = createMetrics()
    const groups = new OktaFailure('api-scope', 'no right')
    await counted.counting({ find: () => ({ groups }) as unknown as User }).find('00u1')
    const text = await counted.text()
    expect(text).toContain('lair_user_lookups_total{outcome="api-scope"} 1')
    expect(text).toContain('lair_user_lookups_total{outcome="found"} 0')
  })

  it('count sessions that were found in the memo and those from a cookie', async () => {
    const visitor = await lair.signedIn()
    await lair.restart()
    await visitor.ask('/')
    await visitor.ask('/')
    const { value } = await metrics.read()
    expect(value('lair_sessions_opened_total{from="cookie"}')).toBe(1)
    expect(value('lair_sessions_opened_total{from="memo"}')).toBe(1)
  })

  it('say what runs, and how the process fares', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const { value } = await metrics.read()
    expect(value(`lair_build_info{version="${version}",commit="",node="${process.version}"}`)).toBe(1)
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
  })

  it.skipIf(!findRedis())('tell what waits for Redis, and for how long Redis has been silent', async () => {
    const redis = await startRedis()
    const own = await metricsPort()
    const shared = await startLair({ ...own.env, REDIS_URL: redis.url })
    await untilRedis(shared, true)
    const visitor = await shared.signedIn()
    const well = await own.read()
    expect(well.value('lair_redis_outbox_marks')).toBe(0)
    const lag = async () => Number((await own.read()).value('lair_redis_lag_seconds'))
    const before = await lag()
    await vi.waitFor(async () => expect(await lag()).toBeLessThan(before), 3000) // the stream was read again
    expect(well.value('lair_dependency_up{dependency="Redis"}')).toBe(1)
    await redis.stop()
    await untilRedis(shared, false)
    await visitor.ask('/logout')
    const ill = await own.read()
    expect(ill.value('lair_redis_outbox_marks')).toBe(1)
    expect(ill.value('lair_dependency_up{dependency="Redis"}')).toBe(0)
    expect(await lag()).toBeGreaterThan(Number(ill.value('lair_redis_lag_seconds')))
    await shared.close()
    await redis.close()
  })

  it('[138] have no secret and no person in them', async () => {
    const visitor = await lair.signedIn()
    await visitor.ask('/lair?token=a-token-in-a-query')
    await lair.visitor().signIn('mumm-ra@thirdearth.example')
    const { text } = await metrics.read()
    const { SECRET_KEY, OKTA_CLIENT_ID, OKTA_CLIENT_SECRET, OKTA_AUTH_TOKEN } = environmentFor(lair.okta)
    const people = lair.okta.people.flatMap(({ id, profile }) => [id, profile.login, profile.firstName])
    const secrets = [SECRET_KEY, OKTA_CLIENT_ID, OKTA_CLIENT_SECRET, OKTA_AUTH_TOKEN]
    const others = [
      ...visitor.cookies.values(),
      'a-token-in-a-query',
      '127.0.0.1',
      'localhost',
      '@',
      'thundera',
    ]
    for (const word of [...people, ...secrets, ...others]) expect(text).not.toContain(word)
  })

  it('[141] have as many series after 200 people, places and hosts as after 40', async () => {
    const org = await startStrangeOrg()
    const own = await metricsPort()
    const crowded = await startLair(({ issuer }) => ({
      ...own.env,
      OKTA_ORG_URL: org.url,
      OKTA_ISSUER: issuer,
    }))
    await sendCrowd(crowded, 40)
    const few = await own.read()
    await sendCrowd(crowded, 200)
    const many = await own.read()
    expect(few.value('lair_sessions_ended_total{reason="verdict"}')).toBe(20)
    expect(many.value('lair_http_requests_total{route="none",status="404"}')).toBe(60)
    expect(many.series).toEqual(few.series)
    await crowded.close()
    org.server.close()
  })
})

describe('the server of the metrics', () => {
  it('answers GET /metrics alone, with closed headers and without cookies', async () => {
    const answer = await fetch(`${metrics.url}/metrics`)
    const headers = Object.fromEntries(answer.headers)
    expect(answer.status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    for (const name of ['set-cookie', 'x-powered-by', 'server', 'access-control-allow-origin'])
      expect(headers).not.toHaveProperty(name)
    for (const [path, method] of [
      ['/', 'GET'],
      ['/metrics/', 'GET'],
      ['/metrics?a', 'GET'],
      ['/lair', 'GET'],
      ['/metrics', 'POST'],
      ['/metrics', 'HEAD'],
    ] as const) {
      const other = await fetch(`${metrics.url}${path}`, { method })
      expect([path, method, other.status]).toEqual([path, method, 404])
      expect(other.headers.get('content-security-policy')).toContain("default-src 'none'")
    }
  })

  it('says nothing to a client that does not speak HTTP', async () => {
    const socket = connect(metrics.port, '127.0.0.1').end('what?\r\n\r\n')
    expect(await socket.toArray()).toEqual([])
  })

  it('is not on the port of the app', async () => {
    expect((await lair.visitor().ask('/metrics')).status).toBe(404)
  })

  it('answers 500 and writes to the log if the metrics cannot be read', async () => {
    const lines: string[] = []
    const log = createLog({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) })
    const text = () => Promise.reject(new Error('no figures'))
    const server = createMetricsServer({ contentType: 'text/plain', text }, log)
    const own = await metricsPort()
    await server.listen({ metricsPort: own.port, metricsHost: '127.0.0.1' })
    expect((await fetch(`${own.url}/metrics`)).status).toBe(500)
    expect(lines.join()).toContain('no figures')
    server.close()
  })

  it('closes with the app', async () => {
    const own = await metricsPort()
    const other = await startLair(own.env)
    expect(await isFree(own.port)).toBe(false)
    await other.close()
    expect(await isFree(own.port)).toBe(true)
  })

  it('leaves nothing behind if its port is taken', async () => {
    const port = await freePort()
    const config = loadConfig({ ...environmentFor(lair.okta), ...metrics.env, PORT: String(port) })
    const start = startServer({ config, log: createLog({ logLevel: 'silent' }) })
    await expect(start).rejects.toMatchObject({ code: 'EADDRINUSE', prefix: 'METRICS_' })
    expect(await isFree(port)).toBe(true)
  })
})

describe('docs/metrics.md, the dashboard and the alerts', () => {
  const read = (file: string) => readFileSync(join(ROOT, 'docs', file), 'utf8')
  const dashboard = read('grafana-dashboard.json')
  const alerts = read('alerts.yaml')
  /** The metrics of an app with Redis, in which something has happened. */
  async function exposed() {
    await (await lair.signedIn()).ask('/lair')
    const own = createMetrics()
    const redis = { unshared: () => 0, silentSeconds: () => 0 }
    own.read({ holdsBack: () => false, opened: { memo: 0, cookie: 0 }, redis })
    return new Map([...parse(await own.text()).metrics, ...(await metrics.read()).metrics])
  }
  const namesIn = (text: string) => [...text.matchAll(/\b(?:lair|process|nodejs)_\w+/g)].map(([name]) => name)
  const withoutSuffix = (name: string) => name.replace(/_(bucket|sum|count)$/, '')

  it('document each metric of the app with its type and labels, and no other', async () => {
    const own = [...(await exposed())].filter(([name]) => name.startsWith('lair_'))
    const rows = [...read('metrics.md').matchAll(/^\| `(lair_\w+)` \| (\w+) \|(.*?)\|/gm)]
    const documented = rows.map(([, name, type, labels = '']) => [name, { type, labels: quoted(labels) }])
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(own))
    expect(documented.length).toBe(own.length)
  })

  it('ask for metrics and labels that exist', async () => {
    const metrics = await exposed()
    const names = new Set([read('metrics.md'), dashboard, alerts].flatMap(namesIn).map(withoutSuffix))
    expect([...names].filter((name) => !metrics.has(name))).toEqual([])
    const known = ['job', ...[...metrics.values()].flatMap(({ labels }) => labels)]
    const matchers = [...`${alerts}${dashboard}`.matchAll(/[{,](\w+)(?:=|!=|=~|!~)\\?"/g)]
    expect(matchers.length).toBeGreaterThan(3)
    expect(matchers.map(([, label]) => String(label)).filter((label) => !known.includes(label))).toEqual([])
    const named = [...`${alerts}${dashboard}`.matchAll(/dependency=\\?"([^"\\]+)/g)].map(([, name]) => name)
    expect(named.filter((name) => !(DEPENDENCIES as readonly unknown[]).includes(name))).toEqual([])
  })

  it('show each metric of the app on the dashboard', async () => {
    const shown = namesIn(dashboard).map(withoutSuffix)
    const own = [...(await exposed()).keys()].filter((name) => name.startsWith('lair_'))
    expect(own.filter((name) => !shown.includes(name))).toEqual([])
  })

  it('name each part of Okta, and each alert', () => {
    const words = quoted(read('metrics.md').replace(/^```[\s\S]*?^```/gm, ''))
    expect(DEPENDENCIES.filter((name) => !words.includes(name))).toEqual([])
    const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => String(name))
    expect(names).toHaveLength(4)
    expect(names.filter((name) => !words.includes(name))).toEqual([])
  })
})

const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => String(word))
