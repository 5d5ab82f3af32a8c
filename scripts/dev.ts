/**
 * npm run dev: starts the app and, if no org is configured, a local Okta beside it. Restarts the app when a file
 * changes. The local Okta and the key that encrypts cookies stay, so that nobody is signed out.
 */
import '../src/forget-debug.js' // first: before any library is imported
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { PinoPretty } from 'pino-pretty'
import { RESTART } from '../local-okta/restart-app.js'
import { runDoctor } from '../src/cli/checks/run-doctor.js'
import { asLines } from '../src/cli/print-findings.js'
import {
  ConfigError,
  type Environment,
  loadConfig,
  presentSettings,
  REQUIRED_SETTINGS,
  readEnvironment,
  withBaseUrl,
} from '../src/config.js'
import { createBanner, type RunningOkta } from './dev/banner.js'
import { type Child, ROOT, start, stop } from './dev/child.js'
import { watchFiles } from './dev/files.js'
import { inTurn } from './dev/in-turn.js'
import { appPort, localOktaPort } from './dev/port.js'

const SECRET_KEY = randomBytes(32).toString('base64url') // used with the local Okta, while this process runs
const WAITING = 'Waiting for a change in src/ or .env.'
const print = (text: string) => void process.stdout.write(`${text}\n`)
const tell = createBanner(print)
const pretty = PinoPretty({ translateTime: 'SYS:HH:MM:ss', ignore: 'ip', sync: true })

let app: Child | undefined
let ran: { port: string; ownOrg: boolean } | undefined // the last app that was ready
let localOkta: { child: Child; baseUrl: string; told: RunningOkta } | undefined
let stopping = false
let hasStarted = false
let isUp = false
const restarts = inTurn(turn)

/** Reads the settings, and starts the app. Starts or stops the local Okta, if the settings have changed. */
async function up(begun: number, changed: string[]): Promise<void> {
  const env = readEnvironment()
  const ownOrg = hasOwnOrg(env)
  const standIn = ownOrg ? {} : settingsFor({ ...PLACEHOLDER })
  const given = presentSettings(env, ['PORT']).length > 0
  const had = ownOrg && !ran?.ownOrg ? undefined : ran?.port
  const PORT = await appPort(loadConfig({ ...env, ...standIn }), { given, ownOrg }, had)
  const config = withBaseUrl(loadConfig({ ...env, ...standIn, PORT }))
  const { baseUrl } = config

  if (localOkta && (ownOrg || localOkta.baseUrl !== baseUrl)) await stopLocalOkta()
  if (!ownOrg) localOkta ??= await startLocalOkta(baseUrl, await localOktaPort(config.port))
  if (stopping) return
  await startApp({ PORT, ...(localOkta && settingsFor(localOkta.told)) })
  ran = { port: PORT, ownOrg }
  tell({ config, localOkta: localOkta?.told }, performance.now() - begun, changed)
  const hasNewSettings = changed.length === 0 || changed.includes('.env')
  if (ownOrg && hasNewSettings) void sayWhatIsWrong({ ...env, PORT, NODE_ENV: 'development' })
}

/** Asks the org what the developer would otherwise find out by the first sign-in. */
async function sayWhatIsWrong(env: Environment): Promise<void> {
  const failed = (await runDoctor({ env })).filter(({ status }) => status === 'failed')
  if (failed.length > 0 && !stopping) print(asLines(failed))
}

/** If none of these settings has a value, there is no org to use. */
const OF_AN_ORG = [...REQUIRED_SETTINGS, 'OKTA_API_CLIENT_ID', 'OKTA_API_PRIVATE_KEY'].filter(
  (name) => name !== 'SECRET_KEY',
)

const hasOwnOrg = (env: Environment) => presentSettings(env, OF_AN_ORG).length > 0

/** Valid values, so that `loadConfig` can check the other settings before the local Okta has started. */
const PLACEHOLDER = {
  orgUrl: 'http://localhost',
  issuer: 'http://localhost',
  clientId: '-',
  clientSecret: '-',
  apiToken: '-',
}

function settingsFor(okta: typeof PLACEHOLDER): Environment {
  return {
    OKTA_ORG_URL: okta.orgUrl,
    OKTA_ISSUER: okta.issuer,
    OKTA_CLIENT_ID: okta.clientId,
    OKTA_CLIENT_SECRET: okta.clientSecret,
    OKTA_AUTH_TOKEN: okta.apiToken,
    SECRET_KEY,
  }
}

async function startApp(settings: Environment): Promise<void> {
  const child = start('development/main.ts', { ...settings, SET_BY_DEV: Object.keys(settings).join(',') })
  app = child
  child.process.stderr?.pipe(process.stderr, { end: false })
  if (child.process.stdout) createInterface({ input: child.process.stdout }).on('line', printLog)
  await child.ready
  void child.ended.then((how) => {
    if (!child.stopped) print(`The app ended (${how}). ${WAITING}`)
  })
}

/** Prints a line of the app's log. That the app starts and stops, `npm run dev` says itself. */
function printLog(line: string): void {
  if (!/^\{"level":"info",.*"msg":"(starting|listening|closing|closed)"\}$/.test(line))
    pretty.write(`${line}\n`)
}

/** In a process of its own, because its libraries print notices that the developer does not need. */
async function startLocalOkta(baseUrl: string, port: string): Promise<NonNullable<typeof localOkta>> {
  const child = start('local-okta/main.ts', { BASE_URL: baseUrl, LOCAL_OKTA_PORT: port })
  let printed = ''
  for (const stream of [child.process.stdout, child.process.stderr]) {
    stream?.on('data', (chunk) => {
      printed = (printed + chunk).slice(-4000)
    })
  }
  const told = (await child.ready.catch((error) =>
    Promise.reject(new Error(`${error.message}\n${printed}`)),
  )) as RunningOkta
  child.process.on('message', (message) => {
    if (message === RESTART && !stopping) void restart(RESTART).then(() => child.process.send(isUp))
  })
  void child.ended.then((how) => {
    if (!child.stopped && !stopping)
      fail(`The local Okta ended (${how}):\n${printed}\nRun npm run dev again.`)
  })
  return { child, baseUrl, told }
}

async function stopLocalOkta(): Promise<void> {
  const { child } = localOkta ?? {}
  localOkta = undefined
  await stop(child)
}

/** Starts the app, or restarts it for the files that have changed. */
async function turn(changed: string[], hasMore: () => boolean): Promise<void> {
  const begun = performance.now()
  isUp = false
  await stop(app)
  try {
    if (!stopping) await up(begun, changed)
    isUp = true
    hasStarted = true
  } catch (error) {
    if (stopping || hasMore()) return // the app was stopped while it started
    if (!hasStarted) fail(explain(error))
    const why = explain(error)
    print(`${why}${why.includes('\n') ? '\n' : ' '}${WAITING}`)
  }
}

function restart(...reasons: string[]): Promise<void> {
  void stop(app) // also an app that is still starting, or never will
  return restarts(...reasons)
}

function watch(): void {
  watchFiles(ROOT, ['src', '.env', 'local-okta'], (files) => {
    if (stopping) return
    const ours = files.filter((file) => !file.startsWith('local-okta/'))
    if (localOkta && ours.length < files.length)
      print('local-okta/ changed: run npm run dev again to see it.')
    if (ours.length > 0) void restart(...ours)
  })
}

function stopOn(...signals: NodeJS.Signals[]): void {
  let firstAt = 0
  const onSignal = async () => {
    // One Ctrl-C gives two signals, from the terminal and from npm. A second press comes later.
    if (stopping) return performance.now() - firstAt > 500 ? fail('Stopped at once.') : undefined
    stopping = true
    firstAt = performance.now()
    await Promise.all([stop(app), stop(localOkta?.child)])
    process.exit(0)
  }
  for (const signal of signals) process.on(signal, () => void onSignal())
}

function fail(message: string): never {
  print(message)
  for (const child of [app, localOkta?.child]) child?.process.kill('SIGKILL')
  process.exit(1)
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ConfigError && hasOwnOrg(readEnvironment()))) return message
  const localOktaToo = 'To use the local Okta instead, leave the five required settings and OKTA_API_* empty.'
  return `${message}\n${localOktaToo}`
}

stopOn('SIGINT', 'SIGTERM', 'SIGHUP')
watch()
void restarts()
