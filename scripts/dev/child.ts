/** A part of `npm run dev` that runs as a process of its own. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../../src/config.js'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const STOP_MS = 10_000

export interface Child {
  process: ChildProcess
  /** Resolves with the child's message that it is ready. Rejects if the child ends before. */
  ready: Promise<unknown>
  /** Resolves with the exit code or signal, when everything that the child printed has been read. */
  ended: Promise<string>
  /** `stop` was called. */
  stopped: boolean
}

export function start(file: string, env: Environment): Child {
  const child = fork(`${ROOT}${file}`, {
    cwd: ROOT,
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...env, NODE_ENV: 'development' },
    silent: true,
  })
  const ended = once(child, 'close').then(([code, signal]) => String(signal ?? code))
  const ready = Promise.race([
    once(child, 'message').then(([message]) => message),
    ended.then((how) => Promise.reject(new Error(`${file} ended (${how}) before it was ready.`))),
  ])
  ready.catch(() => undefined) // whoever awaits `ready` gets the error
  return { process: child, ready, ended, stopped: false }
}

/** Asks a child to end, and kills it if it has not ended after 10 s. */
export async function stop(child: Child | undefined): Promise<void> {
  if (!child) return
  if (!child.stopped) {
    child.stopped = true
    child.process.kill('SIGINT')
    const deadline = setTimeout(() => child.process.kill('SIGKILL'), STOP_MS)
    void child.ended.then(() => clearTimeout(deadline))
  }
  await child.ended
}
