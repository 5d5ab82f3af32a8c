/** Instances of the built app as processes, at one address, with one Redis and one local Okta. */
import { setTimeout as pause } from 'node:timers/promises'
import { startLocalOkta } from '../../local-okta/server.js'
import { MAIN } from './app-process.js'
import { environmentFor } from './lair.js'
import { freePort, type Run, run } from './process.js'
import { Visitor } from './visitor.js'

const BASE_URL = 'http://127.0.0.1:65010'

export interface InstanceProcess {
  /** Where it listens. */
  reach: string
  app: Run
}

export type InstanceProcesses = Awaited<ReturnType<typeof startInstanceProcesses>>

/** @param env further settings, e.g. `REDIS_URL` */
export async function startInstanceProcesses(count: number, env: Record<string, string> = {}) {
  const okta = await startLocalOkta()
  okta.register(BASE_URL)
  const all: InstanceProcess[] = []
  const settings = { ...environmentFor(okta), BASE_URL, HOST: '127.0.0.1', ...env }

  /** @param clockMs how far its clock is ahead of ours */
  async function start(clockMs = 0): Promise<InstanceProcess> {
    const port = await freePort()
    const app = run('node', [...clock(clockMs), MAIN], { ...settings, PORT: String(port) })
    const reach = `http://127.0.0.1:${port}`
    const probe = new Visitor(BASE_URL, reach)
    await app.prints(/"msg":"listening"/)
    for (let text = ''; !text.includes('"ready":true') || text.includes('redis'); ) {
      text = (await probe.ask('/readyz')).text
      await pause(20)
    }
    return { reach, app }
  }

  for (let instance = 0; instance < count; instance++) all.push(await start())
  let turn = 0
  return {
    okta,
    all,
    start,
    reachOf: (instance: number) => String(all[instance % all.length]?.reach),
    /** A stranger each of whose requests goes to the next instance. */
    visitor: () => new Visitor(BASE_URL, () => String(all[turn++ % all.length]?.reach)),
    async close() {
      for (const { app } of all) app.signalGroup('SIGINT')
      await Promise.all(all.map(({ app }) => app.ended))
      await okta.close()
    },
  }
}

/**
 * Signs out on one instance, and waits until all refuse the session.
 * @returns how long it took each time, in milliseconds, the shortest first
 */
export async function trials(instances: InstanceProcesses, count: number): Promise<number[]> {
  const times: number[] = []
  let left = count
  async function client(): Promise<void> {
    while (left-- > 0) {
      const visitor = instances.visitor()
      await visitor.signIn('lion-o@thundera.example')
      const copy = visitor.copy()
      const begun = performance.now()
      await visitor.ask('/logout')
      for (const { reach } of instances.all)
        while ((await copy.copy(reach).ask('/lair')).status === 200) await pause(1)
      times.push(performance.now() - begun)
    }
  }
  await Promise.all([client(), client()])
  return times.sort((a, b) => a - b)
}

function clock(aheadMs: number): string[] {
  if (aheadMs === 0) return []
  const source = `const now = Date.now; Date.now = () => now() + ${aheadMs}`
  return ['--import', `data:text/javascript,${encodeURIComponent(source)}`]
}
