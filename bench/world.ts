/** Everything that runs: Okta, the browsers, and the contestants, each in a process of its own. */
import { freePort } from '../test/support/process.js'
import { cookieSecret } from '../test/support/sessions.js'
import type { Load, Outcome } from './load.js'
import type { OktaQuestion } from './okta.js'
import { type Process, start } from './processes.js'
import { type Jar, type Mint, minter, type SessionKind, signIn } from './sessions.js'

export interface Contestant {
  name: string
  file: string
  kind: SessionKind
  env?: Record<string, string>
}

/** What all others are divided by. */
export const BARE: Contestant = {
  name: 'bare Express, one flat template',
  file: 'contestants/bare.js',
  kind: 'none',
}
export const BARE_WITH_INCLUDES: Contestant = {
  ...BARE,
  name: 'bare Express, template with includes',
  env: { INCLUDES: 'yes' },
}
export const LAIR: Contestant = { name: 'this app', file: '../dist/main.js', kind: 'lair' }
export const STOCK: Contestant = {
  name: 'express-openid-connect, stock',
  file: 'contestants/openid-connect.js',
  kind: 'appSession',
}
export const MIDDLEWARE: Contestant = {
  name: '@okta/oidc-middleware, memory store',
  file: 'contestants/oidc-middleware.js',
  kind: 'connect.sid',
}
const USERS_API: Contestant = {
  name: 'Users API on every request',
  file: 'contestants/users-api.js',
  kind: 'appSession',
}
/** In the order in which they take turns. */
export const CONTESTANTS = [BARE, BARE_WITH_INCLUDES, LAIR, STOCK, MIDDLEWARE, USERS_API]

export interface Usage {
  cpuMicros: number
  rssBytes: number
  /** Since the start of the process. */
  mostRssBytes: number
  heapBytes: number
}

export interface Running {
  contestant: Contestant
  port: number
  process: Process<{ usage: 'now' | 'after garbage' } | { copies: number }>
  /** Whoever is signed in. */
  jars: Jar[]
  startedInMs: number
}

type Counted = Outcome & { callsPer1000Pages: number }

export interface World {
  okta: Process<OktaQuestion>
  run(contestant: Contestant, settings?: Record<string, string>): Promise<Running>
  /** Signs in for real, `count` times. */
  signIn(running: Running, count: number): Promise<void>
  load(load: Load): Promise<Counted>
  /** As `load`, and what it cost the contestant. */
  cost(running: Running, load: Omit<Load, 'ports'>): Promise<Counted & { cpuMicrosPerPage: number }>
  mint(running: Running, what: Omit<Mint, 'kind' | 'secret'>): Mint
  /** Answers that were not the page, by contestant and status. */
  failures: Map<string, number>
  close(): Promise<void>
}

export async function createWorld(): Promise<World> {
  const okta = start<OktaQuestion>('okta.ts', 'tsx')
  const browsers = start<Load>('load.ts', 'tsx')
  const processes = new Set<Process<never>>([okta, browsers])
  const names = new Map<number, string>()
  const environment = await okta.ask<Record<string, string>>({ environment: true })
  const calls = () => okta.ask<number>({ calls: true })

  const world: World = {
    okta,
    failures: new Map(),
    async run(contestant, settings = {}) {
      const port = await freePort()
      names.set(port, contestant.name)
      const url = `http://localhost:${port}`
      const own = { NODE_ENV: 'production', PORT: String(port), BASE_URL: url }
      const env = { ...environment, ...own, ...contestant.env, ...settings }
      const startedAt = performance.now()
      const process: Running['process'] = start(contestant.file, './meter.js', env)
      processes.add(process)
      await firstAnswer(`http://127.0.0.1:${port}/`, process)
      return { contestant, port, process, jars: [{}], startedInMs: performance.now() - startedAt }
    },
    async signIn(running, count) {
      if (running.contestant.kind === 'none') return
      const url = `http://localhost:${running.port}`
      await okta.ask({ register: url })
      running.jars = []
      while (running.jars.length < count) running.jars.push(await signIn(url, running.contestant.kind))
    },
    async load(load) {
      const callsBefore = await calls()
      const outcome = await browsers.ask<Outcome>(load)
      for (const [status, count] of Object.entries(outcome.failures)) {
        const what = `${names.get(load.ports[0] ?? 0)}, ${status}`
        world.failures.set(what, (world.failures.get(what) ?? 0) + count)
      }
      return { ...outcome, callsPer1000Pages: (((await calls()) - callsBefore) / outcome.answers) * 1000 }
    },
    async cost({ port, process }, load) {
      const before = await process.ask<Usage>({ usage: 'now' })
      const outcome = await world.load({ ports: [port], ...load })
      const after = await process.ask<Usage>({ usage: 'now' })
      return { ...outcome, cpuMicrosPerPage: (after.cpuMicros - before.cpuMicros) / outcome.pages }
    },
    mint({ contestant: { kind }, port }, what) {
      const { SECRET_KEY = '', OKTA_ISSUER = '', OKTA_CLIENT_ID = '' } = environment
      const ofTheLair = cookieSecret(
        { okta: { issuer: OKTA_ISSUER, clientId: OKTA_CLIENT_ID }, url: `http://localhost:${port}` },
        SECRET_KEY,
      )
      return { kind, secret: kind === 'lair' ? ofTheLair : SECRET_KEY, ...what }
    },
    async close() {
      for (const { child } of processes) child.kill('SIGKILL')
    },
  }
  return world
}

/** Sessions that come back, as against `Mint`, whose sessions come once. */
export function mintJars(mint: Mint, count: number): Jar[] {
  const make = minter(mint)
  return Array.from({ length: count }, (_, n) => make(n))
}

/** Asks every few milliseconds until there is a page. */
async function firstAnswer(url: string, { child, printed }: Process<never>): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(url, { headers: { connection: 'close' } }).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.status === 200) return
    if (answer) throw new Error(`A contestant answered with ${answer.status}:\n${printed()}`)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  throw new Error(`A contestant ended before it answered:\n${printed()}`)
}
