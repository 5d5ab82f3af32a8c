/** The life of the process: it reads the settings, starts the server, waits for a signal, and exits. */
import type { RequestHandler } from 'express'
import { readBuildInfo } from './build-info.js'
import {
  type Config,
  ConfigError,
  loadConfig,
  misspeltSettings,
  OPTIONAL_SETTINGS,
  presentSettings,
  readEnvironment,
} from './config.js'
import * as logs from './log.js'
import { startServer } from './server.js'

/**
 * How long the app takes new connections after a signal. Load balancers need a moment to notice that the app stops. A
 * person who pressed Ctrl-C does not want to wait.
 */
const LINGER_MS = { SIGTERM: 1000, SIGINT: 0 }

const NO_BASE_URL =
  'BASE_URL is not set: browsers are sent to localhost. Where others use this app, set BASE_URL and TRUST_PROXY.'

export interface Extras {
  /** Makes another log than the default one. */
  createLog?: typeof logs.createLog
  /** Makes a handler that gets each request first. */
  createHandler?: (config: Config) => RequestHandler
}

/** Runs the app until a signal or a stray error ends it, then exits. Writes the reason if it cannot start. */
export async function run(extras: Extras = {}): Promise<void> {
  try {
    await live(extras)
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    process.exit(1)
  }
}

async function live({ createLog = logs.createLog, createHandler }: Extras): Promise<void> {
  const signal = nextSignal()
  const environment = readEnvironment()
  const config = loadConfig(environment)
  const log = createLog(config)
  const settings = presentSettings(environment, OPTIONAL_SETTINGS) // names only: a value may be a secret
  log.info({ ...readBuildInfo(), node: process.version, settings }, 'starting')
  for (const { given, meant } of misspeltSettings(environment))
    log.warn(`${given} is not read. Is ${meant} meant?`)
  const first = createHandler?.(config)
  const server = await startServer({ config, log, ...(first && { first }) })
  if (config.baseUrl === undefined && !config.development) log.warn(NO_BASE_URL)
  const { url, address } = server
  log.info({ url, address, redirectUri: `${url}/callback`, signOutUri: `${url}/` }, 'listening')
  process.send?.('listening') // `npm run dev` waits for it

  const end = await Promise.race([signal, strayError(log)])
  if (end) log.info({ signal: end }, 'closing')
  await server.close(end ? LINGER_MS[end] : 0)
  log.info('closed')
  process.exit(end ? 0 : 1)
}

/** Resolves with the first signal. The handlers stay, so that a second signal does not interrupt the drain. */
function nextSignal(): Promise<keyof typeof LINGER_MS> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve)
    process.on('SIGINT', resolve)
    process.once('disconnect', () => resolve('SIGINT')) // the parent process has ended
  })
}

/** Resolves after an error that nothing caught. The state of the app is unknown then, so the process ends in order. */
function strayError(log: logs.Log): Promise<undefined> {
  return new Promise((resolve) => {
    const close = (error: unknown) => {
      log.fatal({ err: error }, 'closing after an error that nothing caught')
      resolve(undefined)
    }
    process.on('uncaughtException', close)
    process.on('unhandledRejection', close)
  })
}

/** `prefix` is that of the settings, if they are not PORT and HOST. */
type ListenError = NodeJS.ErrnoException & { port?: number; address?: string; prefix?: string }

/** The message for the operator. It has a stack only if the operator did not cause the error. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const { code, path, port, address, prefix = '' } = error as ListenError
  if (code === 'EADDRINUSE')
    return `Port ${port} is already in use. Stop what runs there or set ${prefix}PORT.`
  if (code === 'EACCES')
    return `Port ${port} may not be used by this account. Set ${prefix}PORT to 1024 or more.`
  if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine. Mend ${prefix}HOST.`
  if (code === 'ENOENT') return `${path} is missing. docs/operations.md says what the app needs beside dist.`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
