/** A redis-server of our own on a free port, which tests stop, pause and flush. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@redis/client'
import { freePort } from './process.js'

const COMMANDS = ['redis-server', 'valkey-server']

/** The command of an installed Redis or Valkey. */
export function findRedis(): string | undefined {
  return COMMANDS.find((command) => spawnSync(command, ['--version']).status === 0)
}

export type RedisServer = Awaited<ReturnType<typeof startRedis>>

/** @param options further ones of the server, such as `--requirepass` */
export async function startRedis(options: string[] = []) {
  const command = String(findRedis())
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'lair-redis-')) // it keeps nothing, but wants a place to work in
  let child: ChildProcess

  /** @param password that of `--requirepass` */
  async function ask(args: string[], password?: string): Promise<unknown> {
    const client = createClient({
      url: `redis://127.0.0.1:${port}`,
      socket: { reconnectStrategy: false },
      ...(password && { password }),
    })
    client.on('error', () => undefined)
    await client.connect()
    return client.sendCommand(args).finally(() => client.destroy())
  }

  const answers = () =>
    ask(['PING']).then(
      () => true,
      (error) => /NOAUTH|LOADING/.test(error.message),
    )

  async function start(more: string[] = []): Promise<void> {
    const kept = ['--save', '', '--appendonly', 'no', '--dir', folder, '--bind', '127.0.0.1']
    const args = ['--port', String(port), ...kept, ...options, ...more]
    child = spawn(command, args, { stdio: 'ignore' })
    for (const until = Date.now() + 10_000; !(await answers()); await pause(20)) {
      if (Date.now() > until) throw new Error(`${command} does not answer`)
    }
    rmSync(join(folder, 'dump.rdb'), { force: true }) // of SAVE: the server has opened it, and the next one has nothing
  }

  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    ask,
    start,
    /** Ends the server, which forgets everything but what SAVE has written: the next `start` reads that. */
    stop,
    /** The server does not answer any more, and keeps its connections, until `resume`. */
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    async close() {
      await stop()
      rmSync(folder, { recursive: true })
    },
  }
}
