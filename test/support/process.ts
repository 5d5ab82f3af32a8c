/** Runs a command of the project as a process of its own, and reads what it prints. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Run {
  child: ChildProcess
  output(): string
  /** Resolves when the output matches. Rejects if the process ends before. */
  prints(pattern: RegExp): Promise<void>
  /** Resolves with the exit code, or with the name of the signal that ended the process, when the output is whole. */
  ended: Promise<number | string>
  /** Sends a signal to the process and to all that it started, like Ctrl-C in a terminal. */
  signalGroup(signal: NodeJS.Signals): void
}

const running = new Set<ChildProcess>()

/** Kills every process that still runs, for example because a test has failed. */
export function endRuns(): void {
  for (const child of running) signalGroup(child, 'SIGKILL')
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal)
}

export function run(command: string, args: string[], env: Record<string, string> = {}, cwd = ROOT): Run {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(command, args, { cwd, env: { PATH, HOME, ...env }, detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  running.add(child)
  child.once('exit', () => running.delete(child))
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    child,
    output: () => output,
    ended,
    async prints(pattern) {
      let over = false
      void ended.then(() => (over = true))
      while (!pattern.test(output)) {
        if (over) throw new Error(`It ended without printing ${pattern}:\n${output}`)
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended])
      }
    },
    signalGroup: (signal) => signalGroup(child, signal),
  }
}

/** A port where nothing listens. The system gives connections higher ones, so it stays free. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000)
    if (await isFree(port)) return port
  }
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
