/**
 * npm run dev: the app and, where no org is configured, a local Okta beside it. Restarts the app when a file
 * changes; the local Okta and the key that encrypts cookies stay, so that nobody is signed out.
 */
import '../src/forget-debug.js' // first: before any library is imported
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { PinoPretty } from 'pino-pretty'
import {
  type Config,
  ConfigError,
  type Environment,
  loadConfig,
  presentSettings,
  REQUIRED_SETTINGS,
} from '../src/config.js'
import { readEnvironment } from '../src/environment.js'
import type { LocalOkta } from '../src/local-okta/server.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const startedAt = performance.now()
const print = (text: string) => void process.stdout.write(`${text}\n`)
const pretty = PinoPretty({ translateTime: 'SYS:HH:MM:ss', ignore: 'requestId', sync: true })

let app: ChildProcess | undefined
let stopping = false

async function main(): Promise<void> {
  const env = readEnvironment()
  const port = env.PORT ?? String(await firstFreePort(3000))
  const useLocalOkta = presentSettings(env, REQUIRED_SETTINGS).length === 0
  const standIn = useLocalOkta ? placeholderSettings() : {}
  const config = loadConfig({ ...env, ...standIn, PORT: port })
  const baseUrl = config.baseUrl ?? `http://localhost:${config.port}`

  const okta = useLocalOkta ? await startLocalOktaBeside(baseUrl) : undefined
  const settings: Environment = { PORT: port, ...(okta && { ...standIn, ...settingsFor(okta) }) }

  stopOn('SIGINT', 'SIGTERM', 'SIGHUP')
  app = startApp(settings)
  await listening(app)
  print(banner(baseUrl, config, okta))
  app.stdout?.pipe(pretty, { end: false })
  restartOnChange(settings)
}

/** Well-formed values for what the local Okta will provide, so that the other settings can be checked first. */
function placeholderSettings(): Environment {
  return {
    OKTA_ORG_URL: 'http://localhost',
    OKTA_CLIENT_ID: 'local',
    OKTA_CLIENT_SECRET: 'local',
    OKTA_AUTH_TOKEN: 'local',
    SECRET_KEY: randomBytes(32).toString('base64url'),
  }
}

type RunningOkta = Pick<LocalOkta, 'orgUrl' | 'issuer' | 'clientId' | 'clientSecret' | 'apiToken' | 'people'>

function settingsFor(okta: RunningOkta): Environment {
  return {
    OKTA_ORG_URL: okta.orgUrl,
    OKTA_ISSUER: okta.issuer,
    OKTA_CLIENT_ID: okta.clientId,
    OKTA_CLIENT_SECRET: okta.clientSecret,
    OKTA_AUTH_TOKEN: okta.apiToken,
  }
}

/** In a process of its own, because its libraries print notices that are not the developer's business. */
async function startLocalOktaBeside(baseUrl: string): Promise<RunningOkta> {
  const child = fork(`${ROOT}src/local-okta/main.ts`, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'development', BASE_URL: baseUrl },
    silent: true,
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += chunk))
  const failed = once(child, 'exit').then(() =>
    Promise.reject(new Error(`The local Okta ended:\n${printed}`)),
  )
  const [okta] = await Promise.race([once(child, 'message'), failed])
  printed = ''
  failed.catch((error) => !stopping && print(String(error)))
  return okta as RunningOkta
}

function startApp(settings: Environment): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, ...settings, NODE_ENV: 'development' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.once('exit', (code) => {
    if (!stopping && child === app) print(`The app ended (${code}). Waiting for a change in src/.`)
  })
  return child
}

async function listening(child: ChildProcess): Promise<void> {
  child.once('exit', () => {
    if (!stopping) process.exit(1) // it has said why
  })
  if (!child.stdout) return
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('"msg":"listening"')) break
  }
  child.removeAllListeners('exit')
}

function restartOnChange(settings: Environment): void {
  let timer: NodeJS.Timeout | undefined
  const restart = () => {
    clearTimeout(timer)
    timer = setTimeout(async () => {
      const old = app
      app = undefined
      if (old && old.exitCode === null) {
        old.kill('SIGINT')
        await once(old, 'exit')
      }
      if (stopping) return
      app = startApp(settings)
      app.stdout?.pipe(pretty, { end: false })
    }, 100)
  }
  watch(`${ROOT}src`, { recursive: true }, restart)
  watch(ROOT, (_event, file) => file === '.env' && restart())
}

function stopOn(...signals: NodeJS.Signals[]): void {
  const stop = async () => {
    if (stopping) return
    stopping = true
    if (app && app.exitCode === null) {
      app.kill('SIGINT')
      await once(app, 'exit')
    }
    process.exit(0)
  }
  for (const signal of signals) process.on(signal, () => void stop())
  process.on('exit', () => app?.kill('SIGKILL'))
}

async function firstFreePort(from: number): Promise<number> {
  for (let port = from; port < from + 100; port++) {
    const probe = createServer()
    try {
      probe.listen(port, '127.0.0.1')
      await once(probe, 'listening')
      return port
    } catch {
      // taken: try the next
    } finally {
      probe.close()
    }
  }
  throw new Error(`No port between ${from} and ${from + 99} is free. Set PORT.`)
}

function banner(baseUrl: string, config: Config, okta: RunningOkta | undefined): string {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const where = okta
    ? [
        `  Okta      ${okta.orgUrl} (a local stand-in; no account needed)`,
        ...okta.people.map(({ profile, shows }, index) => {
          return `  ${index === 0 ? 'Sign in' : '       '}   ${String(profile.login).padEnd(28)} ${shows}`
        }),
        '',
        '  To use your own org, see "Connect your Okta org" in README.md.',
      ]
    : [
        `  Okta      ${config.okta.orgUrl} (from your settings)`,
        `  Register  ${baseUrl}/callback as sign-in redirect URI`,
        `            ${baseUrl}/ as sign-out redirect URI`,
      ]
  return ['', `  The Lair  ${baseUrl} (ready in ${seconds} s; Ctrl-C stops it)`, '', ...where, ''].join('\n')
}

try {
  await main()
} catch (error) {
  print(error instanceof ConfigError ? error.message : String(error))
  process.exit(1)
}
