/** Processes of their own that answer questions over IPC. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Process<Question> {
  child: ChildProcess
  ask<Answer>(question: Question): Promise<Answer>
  /** The last of what it wrote. */
  printed(): string
  stop(): Promise<void>
}

/** @param preload what runs before it: `tsx`, or a path below this folder */
export function start<Question>(
  file: string,
  preload: string,
  env: Record<string, string> = {},
): Process<Question> {
  const { PATH = '', HOME = '' } = process.env
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  const child = fork(path(file), {
    execArgv: ['--import', preload.startsWith('.') ? path(preload) : preload],
    env: { PATH, HOME, ...env },
    silent: true, // what a library has to say about itself is not a result
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      printed = (printed + chunk).slice(-4000)
    })
  }
  const ended = once(child, 'exit')

  return {
    child,
    ask<Answer>(question: Question): Promise<Answer> {
      return new Promise((resolve, reject) => {
        const onExit = () => reject(new Error(`${file} ended before it answered:\n${printed}`))
        const onMessage = (message: { answer?: Answer; error?: string } | string) => {
          if (typeof message !== 'object') return // the app's "listening"
          child.off('message', onMessage).off('exit', onExit)
          if (message.error === undefined) resolve(message.answer as Answer)
          else reject(new Error(`${file}: ${message.error}\n${printed}`))
        }
        child.on('message', onMessage).once('exit', onExit)
        child.send(question as object)
      })
    },
    printed: () => printed,
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The other end. */
export function answerQuestions<Question>(answer: (question: Question) => Promise<unknown>): void {
  process.on('message', async (question) => {
    try {
      process.send?.({ answer: await answer(question as Question) })
    } catch (error) {
      process.send?.({ error: String((error as Error).stack) })
    }
  })
  process.once('disconnect', () => process.exit(0)) // whoever started it is gone
}
