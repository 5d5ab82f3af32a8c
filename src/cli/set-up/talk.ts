/** What the set-up says and asks: on a terminal with prompts, elsewhere in plain lines, or as one JSON object. */
import type { Step } from './step.js'

export type Talk = Awaited<ReturnType<typeof createTalk>>

type Problem = { code: string; message: string; remedy: string }

const LAST_LINES = `
Two things only a person can do:
  - A fresh person in Okta must enrol a second factor at the first sign-in: the default sign-in policy asks for two.
  - Universal Logout is switched on in the Admin Console: the app > Sign On > Logout.

Next: npm run dev
`

/**
 * @param options.json prints one object on standard output at the end, and all else on standard error
 * @param options.ask whether it may ask; it does so on a terminal only
 */
export async function createTalk({ json, ask }: { json: boolean; ask: boolean }) {
  const out = json ? process.stderr : process.stdout
  const print = (text: string) => {
    out.write(`${text}\n`)
    return 0
  }
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY && ask
  const prompts = isTerminal ? await import('@clack/prompts') : undefined

  async function answer<T>(question: (library: NonNullable<typeof prompts>) => Promise<T | symbol>) {
    const value = prompts && (await question(prompts))
    return prompts?.isCancel(value) ? undefined : (value as T | undefined)
  }

  return {
    print,
    note: (text: string) => void print(text),
    ask: (message: string, flag: string) =>
      answer<string>(({ text }) => text({ message: `${message} (--${flag})` })),
    askSecret: (message: string, flag: string) =>
      answer<string>(({ password }) => password({ message: `${message} (--${flag})` })),
    confirm: async (message: string) =>
      (await answer<boolean>(({ confirm }) => confirm({ message }))) === true,
    step({ step, action, id, detail }: Step): void {
      const line = `${step}: ${action}${detail ? ` (${detail})` : ''}${id ? ` ${id}` : ''}`
      if (prompts) prompts.log.step(line)
      else print(line)
    },
    wrongUsage(message: string): number {
      process.stderr.write(`${message}\n`)
      return 2
    },
    /** @returns the exit code */
    end(steps: Step[], env: string | undefined, problem: Problem | undefined): number {
      if (json)
        process.stdout.write(
          `${JSON.stringify({ steps, ...(env && { env }), ...(problem && { problem }) })}\n`,
        )
      if (problem) process.stderr.write(`${problem.message}.\n${problem.remedy}.\n`)
      else if (env && steps.some(({ action }) => action !== 'removed')) print(LAST_LINES)
      return problem ? 1 : 0
    },
  }
}
