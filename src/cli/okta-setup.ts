/** npm run okta:setup: creates or brings into line what the app needs in an Okta org, and writes `.env`. */
import '../forget-debug.js' // first: before any library is imported
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { readEnvironment, settingsIn } from '../config.js'
import { OktaFailure } from '../okta/failure.js'
import { Invalid, origin, token as tokenIn } from '../setting-values.js'
import { createOktaApi, OktaRefusal } from './okta-api.js'
import { type Changes, readText, withChanges, writeText } from './set-up/env-file.js'
import { setUp, undo } from './set-up/set-up.js'
import { SetUpProblem, type Step } from './set-up/step.js'
import { createTalk, type Talk } from './set-up/talk.js'

const USAGE = `npm run okta:setup -- [options]

  --org-url URL       your Okta domain, such as https://dev-123456.okta.com (or OKTA_ORG_URL)
  --token TOKEN       an API token of a super administrator (or OKTA_AUTH_TOKEN)
  --base-url URL      where browsers reach the app (or BASE_URL; default http://localhost:3000)
  --label LABEL       the name of the app in Okta (default The Lair)
  --group NAME        the group whose members may sign in (default Everyone)
  --env-file FILE     the file for the settings (default .env)
  --api-token-only    make no service app: the app reads users with the API token
  --keep-token        write the API token to the file
  --dry-run           look, say what would be done, and change nothing
  --undo              take out of the org what an earlier run has put there
  --yes               ask nothing
  --force             replace settings in the file that have other values
  --json              print one JSON object
`

const OPTIONS = {
  'org-url': { type: 'string' },
  token: { type: 'string' },
  'base-url': { type: 'string' },
  label: { type: 'string', default: 'The Lair' },
  group: { type: 'string', default: 'Everyone' },
  'env-file': { type: 'string', default: '.env' },
  'api-token-only': { type: 'boolean', default: false },
  'keep-token': { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  undo: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

type Options = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

/** The command was called in a wrong way. `message` says how to call it. */
class WrongUsage extends Error {}

async function main(): Promise<number> {
  const steps: Step[] = []
  let talk = await createTalk({ json: process.argv.includes('--json'), ask: false })
  try {
    const options = optionsIn(process.argv.slice(2))
    if (options.help) return talk.print(USAGE)
    talk = await createTalk({ json: options.json, ask: !options.json && !options.yes })
    const problem = await run(options, talk, (step) => {
      steps.push(step)
      talk.step(step)
    })
    return talk.end(steps, options['env-file'], problem && { ...problem, message: problem.message })
  } catch (error) {
    if (error instanceof WrongUsage || error instanceof Invalid) return talk.wrongUsage(error.message)
    return talk.end(steps, undefined, explain(error))
  }
}

/** @returns what is left to do, if the app can run without it */
async function run(
  options: Options,
  talk: Talk,
  report: (step: Step) => void,
): Promise<SetUpProblem | undefined> {
  const { label, group, 'dry-run': dryRun } = options
  const file = options['env-file']
  const text = readText(file)
  const settings = settingsIn(text)
  const environment = readEnvironment(file)
  const value = (flag: 'org-url' | 'token' | 'base-url', name: string) => options[flag] ?? environment[name]

  const orgUrl = checked(
    '--org-url',
    origin,
    value('org-url', 'OKTA_ORG_URL') ?? (await talk.ask('Your Okta domain', 'org-url')),
  )
  const token = checked(
    '--token',
    tokenIn,
    value('token', 'OKTA_AUTH_TOKEN') ??
      (await talk.askSecret('An API token of a super administrator', 'token')),
  )
  const port = settings.PORT ?? '3000'
  const baseUrl = checked('--base-url', origin, value('base-url', 'BASE_URL') ?? `http://localhost:${port}`)
  const api = createOktaApi(orgUrl, `SSWS ${token}`, { dryRun })
  const withServiceApp = !options['api-token-only']
  const wishes = { orgUrl, baseUrl, label, group, withServiceApp, settings }

  if (options.undo) {
    const question = `Delete the app "${label}" in ${orgUrl}, its service app and its access policy?`
    if (!options.yes && !dryRun && !(await talk.confirm(question)))
      throw new WrongUsage('--undo deletes apps: add --yes')
    const changes = await undo(api, wishes, (step) => report(dryRun ? { ...step, action: 'planned' } : step))
    await write(changes)
    return undefined
  }
  const planned = (step: Step): Step => {
    const isChange = step.action === 'created' || step.action === 'updated'
    return dryRun && isChange
      ? { step: step.step, action: 'planned', ...(step.detail && { detail: step.detail }) }
      : step
  }
  const { changes, problem } = await setUp(api, wishes, (step) => report(planned(step)))
  await write({
    ...changes,
    ...(!settings.SECRET_KEY && { SECRET_KEY: randomBytes(32).toString('base64url') }),
    ...(baseUrl !== `http://localhost:${port}` && { BASE_URL: baseUrl }),
    ...(options['keep-token'] && { OKTA_AUTH_TOKEN: token }),
  })
  return problem

  async function write(all: Changes): Promise<void> {
    const step = { step: 'env', detail: file } as const
    const differs = Object.entries(all).filter(([name, wanted]) => wanted !== settings[name])
    if (differs.length === 0) return report({ ...step, action: 'unchanged' })
    if (dryRun)
      return report({
        ...step,
        action: 'planned',
        detail: `${file}: ${differs.map(([name]) => name).join(', ')}`,
      })
    const replaced = differs.filter(([name]) => settings[name] !== undefined)
    for (const [name, wanted] of replaced)
      talk.note(`${name}: ${masked(name, settings[name])} becomes ${masked(name, wanted)}`)
    const isToken = ([name, wanted]: [string, unknown]) =>
      name === 'OKTA_AUTH_TOKEN' && wanted === undefined && settings[name] === token
    const mayReplace =
      options.force ||
      options.yes ||
      replaced.every(isToken) ||
      (await talk.confirm(`Replace them in ${file}?`))
    const kept = mayReplace ? [] : replaced.map(([name]) => name)
    const changes = Object.fromEntries(differs.filter(([name]) => !kept.includes(name)))
    writeText(file, withChanges(text, changes))
    const detail =
      kept.length === 0 ? file : `${file}; kept as they were: ${kept.join(', ')} (--force replaces them)`
    report({ ...step, action: text === '' ? 'created' : 'updated', detail })
  }
}

function optionsIn(args: string[]): Options {
  try {
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    throw new WrongUsage(`${(error as Error).message}. See --help`)
  }
}

function checked(flag: string, parser: (value: string) => string, value: string | undefined): string {
  if (value === undefined) throw new WrongUsage(`${flag} is missing. See --help`)
  try {
    return parser(value.trim())
  } catch (error) {
    if (error instanceof Invalid) throw new WrongUsage(`${flag} ${error.message}`)
    throw error
  }
}

const PUBLIC = new Set(['OKTA_ORG_URL', 'OKTA_CLIENT_ID', 'OKTA_API_CLIENT_ID', 'OKTA_ISSUER', 'BASE_URL'])

function masked(name: string, value: string | undefined): string {
  if (value === undefined) return 'nothing'
  return PUBLIC.has(name) ? value : '(a secret)'
}

function explain(error: unknown): { code: string; message: string; remedy: string } {
  if (error instanceof SetUpProblem || error instanceof OktaRefusal)
    return { code: error.code, message: error.message, remedy: error.remedy }
  if (!(error instanceof OktaFailure)) throw error
  const { kind, message } = error
  return { code: kind, message, remedy: 'Check --org-url and the network, and run the command again' }
}

process.exitCode = await main()
