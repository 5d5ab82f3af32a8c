/**
 * npm run dev: starts the app and, if no org is configured, a local Okta beside it. Restarts the app when a file
 * changes. The local Okta and the key that encrypts cookies stay, so that nobody is signed out.
 */
import '../src/forget-debug.js' // first: before any library is imported
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { PinoPretty } from 'pino-pretty'
import type { LocalOkta } from '../local-okta/server.js'
import {
  type Config,
  ConfigError,
  type Environment,
  loadConfig,
  presentSettings,
  REQUIRED_SETTINGS,
  readEnvironment,
} from '../src/config.js'
import { isLoopback } from '../src/setting-values.js'

type RunningOkta = Pick<LocalOkta, 'orgUrl' | 'issuer' | 'clientId' | 'clientSecret' | 'apiToken' | 'people'>

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SECRET_KEY = randomBytes(32).toString('base64url') // used with the local Okta, while this process runs
const print = (text: string) => void process.stdout.write(`${text}\n`)
const pretty = PinoPretty({ translateTime: 'SYS:HH:MM:ss', ignore: 'ip', sync: true })

let startedAt = performance.now()
let app: Child | undefined
let localOkta: { child: Child; baseUrl: string; told: RunningOkta } | undefined
let stopping = false

/** Reads the settings, and starts the app. Starts or stops the local Okta, if the settings have changed. */
async function up(): Promise<void> {
  const env = readEnvironment()
  const useLocalOkta = presentSettings(env, OF_AN_ORG).length === 0
  const standIn = useLocalOkta ? settingsFor({ ...PLACEHOLDER }) : {}
  const PORT = await portFor(loadConfig({ ...env, ...standIn }), presentSettings(env, ['PORT']).length > 0)
  const config = loadConfig({ ...env, ...standIn, PORT })
  const baseUrl = config.baseUrl ?? `http://localhost:${config.port}`

  if (localOkta && (!useLocalOkta || localOkta.baseUrl !== baseUrl)) await stopLocalOkta()
  if (useLocalOkta) localOkta ??= await startLocalOkta(baseUrl)
  await startApp({ PORT, ...(localOkta && settingsFor(localOkta.told)) })
  print(banner(baseUrl, config))
}

/** If none of these settings has a value, there is no org to use. */
const OF_AN_ORG = [...REQUIRED_SETTINGS, 'OKTA_API_CLIENT_ID', 'OKTA_API_PRIVATE_KEY']

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

/** PORT if it is given, else the port that a loopback BASE_URL names, else the first free port from 3000 on. */
async function portFor(config: Config, given: boolean): Promise<string> {
  if (given && config.port !== 0) return String(config.port)
  const { hostname, port } = new URL(config.baseUrl ?? 'http://localhost')
  if (isLoopback(hostname) && port !== '') return port
  if (app && !given) return String(app.port) // a restart keeps the port
  for (let candidate = 3000; candidate < 3100; candidate++) {
    if ((await isFree(candidate, '127.0.0.1')) && (await isFree(candidate, '::1'))) return String(candidate)
  }
  throw new Error('No port between 3000 and 3099 is free. Set PORT.')
}

async function isFree(port: number, host: string): Promise<boolean> {
  const probe = createServer().listen(port, host)
  try {
    await once(probe, 'listening')
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EADDRINUSE' // without IPv6 on this machine nothing listens there
  } finally {
    probe.close()
  }
}

/** A child process. `ready` resolves with the message that it is ready, `ended` with its exit code or signal. */
interface Child {
  process: ChildProcess
  port: string | undefined
  ready: Promise<unknown>
  ended: Promise<string>
}

function start(file: string, env: Environment): Child {
  const child = fork(`${ROOT}${file}`, {
    cwd: ROOT,
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...env, NODE_ENV: 'development' },
    silent: true,
  })
  const ended = once(child, 'exit').then(([code, signal]) => String(signal ?? code))
  const ready = Promise.race([
    once(child, 'message').then(([message]) => message),
    ended.then((how) => Promise.reject(new Error(`${file} ended (${how}) before it was ready.`))),
  ])
  ready.catch(() => undefined) // `startApp` and `startLocalOkta` await `ready` and get the error
  return { process: child, port: env.PORT, ready, ended }
}

/** Asks a child to end, and kills it if it has not ended after 10 s. */
async function stop(child: Child | undefined): Promise<void> {
  if (!child) return
  child.process.kill('SIGINT')
  const deadline = setTimeout(() => child.process.kill('SIGKILL'), 10_000)
  await child.ended
  clearTimeout(deadline)
}

async function startApp(settings: Environment): Promise<void> {
  const child = start('src/main.ts', settings)
  app = child
  child.process.stderr?.pipe(process.stderr, { end: false })
  await child.ready
  child.process.stdout?.pipe(pretty, { end: false })
  void child.ended.then((how) => {
    if (!stopping && app === child) print(`The app ended (${how}). Waiting for a change in src/.`)
  })
}

/** In a process of its own, because its libraries print notices that the developer does not need. */
async function startLocalOkta(baseUrl: string): Promise<NonNullable<typeof localOkta>> {
  const child = start('local-okta/main.ts', { BASE_URL: baseUrl })
  let printed = ''
  for (const stream of [child.process.stdout, child.process.stderr]) {
    stream?.on('data', (chunk) => {
      printed = (printed + chunk).slice(-4000)
    })
  }
  const told = (await child.ready.catch((error) =>
    Promise.reject(new Error(`${error.message}\n${printed}`)),
  )) as RunningOkta
  void child.ended.then((how) => {
    if (!stopping && localOkta?.child === child)
      fail(`The local Okta ended (${how}):\n${printed}\nRun npm run dev again.`)
  })
  return { child, baseUrl, told }
}

async function stopLocalOkta(): Promise<void> {
  const { child } = localOkta ?? {}
  localOkta = undefined
  await stop(child)
}

/** Restarts one after the other, so that there is one app, however fast the developer saves files. */
function restartOnChange(): void {
  let work = Promise.resolve()
  let pending = false
  const restart = () => {
    if (pending || stopping) return
    pending = true
    work = work.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, 100)) // editors write a file in several steps
      pending = false
      startedAt = performance.now()
      await stop(app)
      if (!stopping) await up().catch((error) => print(explain(error)))
    })
  }
  watch(`${ROOT}src`, { recursive: true }, restart)
  watch(`${ROOT}local-okta`, () => print('local-okta/ changed: run npm run dev again to see it.'))
  watch(ROOT, (_event, file) => file === '.env' && restart())
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
  const localOktaToo = 'To use the local Okta instead, leave the five required settings and OKTA_API_* empty.'
  if (error instanceof ConfigError) return `${error.message}\n${localOktaToo}`
  return error instanceof Error ? error.message : String(error)
}

function banner(baseUrl: string, config: Config): string {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const where = localOkta
    ? [
        `  Okta      ${localOkta.told.orgUrl} (a local stand-in; no account needed)`,
        `  Faults    ${localOkta.told.orgUrl}/faults (make something fail)`,
        ...localOkta.told.people.map(({ profile, shows }, index) => {
          return `  ${index === 0 ? 'Sign in' : '       '}   ${String(profile.login).padEnd(28)} ${shows}`
        }),
        '',
        '  To use your own org, see "Connect your Okta org" in README.md.',
      ]
    : [
        `  Okta      ${config.oktaOrgUrl} (from your settings)`,
        `  Register  ${baseUrl}/callback as sign-in redirect URI`,
        `            ${baseUrl}/ as sign-out redirect URI`,
      ]
  return ['', `  The Lair  ${baseUrl} (ready in ${seconds} s; Ctrl-C stops it)`, '', ...where, ''].join('\n')
}

stopOn('SIGINT', 'SIGTERM', 'SIGHUP')
try {
  await up()
  restartOnChange()
} catch (error) {
  if (!stopping) fail(explain(error))
}
