/** npm run okta:setup: creates or brings into line what the app needs in an Okta org, and writes `.env`. */
import '../forget-debug.js' // first: before any library is imported
import { randomBytes } from 'node:crypto'
import { readEnvironment, settingsIn, valueIn } from '../config.js'
import { OktaFailure } from '../okta/failure.js'
import { origin, token as tokenIn } from '../setting-values.js'
import { createOktaApi, OktaRefusal } from './okta-api.js'
import { readText, tryToWrite } from './set-up/env-file.js'
import { checked, type Options, optionsIn, USAGE, WrongUsage } from './set-up/options.js'
import { setUp, undo } from './set-up/set-up.js'
import { saveSettings } from './set-up/settings-file.js'
import { type Report, SetUpProblem, type Step, type Wishes } from './set-up/step.js'
import { createTalk, type Problem, type Talk } from './set-up/talk.js'

/** @returns the exit code */
async function main(): Promise<number> {
  try {
    const options = optionsIn(process.argv.slice(2))
    if (options.help) process.stdout.write(USAGE)
    return options.help ? 0 : await runAndTell(options)
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

async function runAndTell(options: Options): Promise<number> {
  const talk = await createTalk(options)
  const steps: Step[] = []
  const report = (step: Step) => {
    steps.push(step)
    talk.step(step)
  }
  const problem = await run(options, talk, report).catch(explain)
  talk.end(steps, options['env-file'], problem)
  return problem ? 1 : 0
}

/** @returns what is left to do, if the app can run without it */
async function run(options: Options, talk: Talk, report: Report): Promise<Problem | undefined> {
  const { label, group, 'dry-run': dryRun, 'env-file': file } = options
  const settings = settingsIn(readText(file))
  const environment = readEnvironment(file)
  const given = async (
    flag: 'org-url' | 'token' | 'base-url',
    name: string,
    ask?: () => Promise<string | undefined>,
  ) => options[flag] ?? valueIn(environment, name) ?? (await ask?.())
  const orgUrl = checked(
    '--org-url',
    origin,
    await given('org-url', 'OKTA_ORG_URL', () =>
      talk.ask('Your Okta domain, such as https://dev-123456.okta.com'),
    ),
  )
  const token = checked(
    '--token',
    tokenIn,
    await given('token', 'OKTA_AUTH_TOKEN', () => talk.askSecret('An API token of a super administrator')),
  )
  const home = `http://localhost:${valueIn(environment, 'PORT') ?? 3000}`
  const baseUrl = checked('--base-url', origin, (await given('base-url', 'BASE_URL')) ?? home)

  const api = createOktaApi(orgUrl, `SSWS ${token}`, { dryRun })
  const wishes: Wishes = {
    orgUrl,
    baseUrl,
    label,
    group,
    withServiceApp: !options['api-token-only'],
    settings,
  }
  if (!dryRun) tryToWrite(file) // before anything changes in the org
  const reportPlans = (step: Step) => report(dryRun && isChange(step) ? { ...step, action: 'planned' } : step)
  const saving = { dryRun, force: options.force || options.yes, token }
  if (options.undo) {
    const question = `Delete the app "${label}", its service app and its access policy in ${orgUrl}?`
    if (!options.yes && !dryRun && !(await talk.confirm(question)))
      throw new WrongUsage('--undo deletes apps. Add --yes')
    report(await saveSettings(file, await undo(api, wishes, reportPlans), saving, talk))
    return undefined
  }
  const { changes, problem } = await setUp(api, wishes, reportPlans)
  const ours = {
    ...(!settings.SECRET_KEY && { SECRET_KEY: randomBytes(32).toString('base64url') }),
    ...(baseUrl !== home && { BASE_URL: baseUrl }),
    ...(options['keep-token'] && { OKTA_AUTH_TOKEN: token }),
  }
  report(await saveSettings(file, { ...changes, ...ours }, saving, talk))
  const hasToken = settings.OKTA_AUTH_TOKEN !== undefined || options['keep-token']
  return problem ?? (wishes.withServiceApp || hasToken ? undefined : NO_TOKEN)
}

const NO_TOKEN: Problem = {
  code: 'no-api-token',
  message: 'All is set up, but the app has nothing to read users with: the file has no OKTA_AUTH_TOKEN',
  remedy: 'Put a token there, such as that of a read-only administrator. Or add --keep-token',
}

function isChange({ action }: Step): boolean {
  return action === 'created' || action === 'updated' || action === 'removed'
}

function explain(error: unknown): Problem {
  if (error instanceof SetUpProblem || error instanceof OktaRefusal) return error
  const { syscall, code: errno = '', path } = error as NodeJS.ErrnoException
  if (syscall) {
    const remedy = 'Name a file in a folder that exists and that you may write to, with --env-file'
    return { code: 'file', message: `The settings cannot be written (${errno}): ${path}`, remedy }
  }
  if (!(error instanceof OktaFailure)) throw error
  const { kind: code, message } = error
  return { code, message, remedy: 'Check --org-url and the network, and run the command again' }
}

process.exitCode = await main()
