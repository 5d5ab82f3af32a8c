/** What the set-up says and asks: on a terminal with prompts, elsewhere in plain lines, or as one JSON object. */
import { basename } from 'node:path'
import { clean } from '../print-findings.js'
import type { Step } from './step.js'

export type Talk = Awaited<ReturnType<typeof createTalk>>

/** What stands in the way. */
export type Problem = { code: string; message: string; remedy: string }

const LAST_LINES = `
Only a person can do this:
  - A fresh person must enrol a second factor at the first sign-in: Okta's default sign-in policy asks for two.
  - Delete the API token when you need it no longer: Admin Console > Security > API > Tokens.
  - If Okta shall end sessions of the app, too: switch on Universal Logout, see docs/universal-logout.md.

Next: `

/** `npm run dev` reads no file but `.env`. */
const next = (file: string) =>
  basename(file) === '.env' ? 'npm run dev' : `docs/operations.md, which says how the app gets ${file}`

/**
 * @param options.json prints one object on standard output at the end, and all else on standard error
 * @param options.yes asks nothing. Without a terminal it never asks
 */
export async function createTalk({ json, yes }: { json: boolean; yes: boolean }) {
  const out = json ? process.stderr : process.stdout
  const print = (text: string) => void out.write(`${clean(text)}\n`)
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY && !json && !yes
  const prompts = isTerminal ? await import('@clack/prompts') : undefined

  async function answer<T>(question: (library: NonNullable<typeof prompts>) => Promise<T | symbol>) {
    const value = prompts && (await question(prompts))
    return prompts?.isCancel(value) ? undefined : (value as T | undefined)
  }

  return {
    print,
    ask: (message: string) => answer<string>(({ text }) => text({ message })),
    askSecret: (message: string) => answer<string>(({ password }) => password({ message })),
    confirm: async (message: string) => (await answer(({ confirm }) => confirm({ message }))) === true,
    step({ step, action, id, detail }: Step): void {
      const line = [`${step}: ${action}`, detail, id].filter(Boolean).join(', ')
      if (prompts) prompts.log.step(clean(line))
      else print(line)
    },
    end(steps: Step[], env: string, problem: Problem | undefined): void {
      const isSaved = steps.some(({ step, action }) => step === 'env' && action !== 'planned')
      const told = problem && { code: problem.code, message: problem.message, remedy: problem.remedy }
      const all = { steps, ...(isSaved && { env }), ...(told && { problem: told }) }
      if (json) process.stdout.write(`${JSON.stringify(all)}\n`)
      if (told) process.stderr.write(clean(`${told.message}.\n${told.remedy}.\n`))
      else if (isSaved && steps.some(({ step }) => step === 'group')) print(LAST_LINES + next(env))
    },
  }
}
