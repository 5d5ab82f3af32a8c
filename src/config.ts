/** Turns the environment into a `Config`, or into one `ConfigError` that lists every problem with its remedy. */
import { isIP } from 'node:net'
import { config as readDotenv } from 'dotenv'

/** Everything the app can be told; defaults are in `loadConfig`. URLs have no trailing slash; times are whole seconds. */
export interface Config {
  /** The org, e.g. `https://dev-123456.okta.com`. */
  oktaOrgUrl: string
  /** The authorization server that signs the ID tokens: a custom one or the org itself. */
  oktaIssuer: string
  oktaClientId: string
  oktaClientSecret: string
  /** API token for the Users API, sent as `Authorization: SSWS …`. */
  oktaApiToken: string
  /** The first encrypts and signs cookies, all of them are accepted. At least one. */
  secretKeys: [string, ...string[]]
  port: number
  /** Address to listen on; `undefined` means all addresses. */
  host: string | undefined
  /** Where browsers reach the app. `undefined`: `http://localhost:` and the port it got. */
  baseUrl: string | undefined
  /** Express's "trust proxy" value. */
  trustProxy: false | number | string[]
  /** How long an Okta user record counts as current. */
  userCacheSeconds: number
  /** How much longer the last-known record may serve while Okta cannot be asked. */
  userStaleSeconds: number
  sessionIdleSeconds: number
  sessionMaxSeconds: number
  /** Sign-ins that start or return, for one address. */
  signInLimitPerMinute: number
  logLevel: LogLevel
  /** `NODE_ENV=development`, as `npm run dev` sets it: templates and assets may change, error pages show remedies. */
  development: boolean
}

/** The settings of a running app, which knows its own address. */
export type AppConfig = Config & { baseUrl: string }

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
type LogLevel = (typeof LOG_LEVELS)[number]

/** The settings without which the app cannot run, in the order in which `.env.example` lists them. */
export const REQUIRED_SETTINGS = [
  'OKTA_ORG_URL',
  'OKTA_CLIENT_ID',
  'OKTA_CLIENT_SECRET',
  'OKTA_AUTH_TOKEN',
  'SECRET_KEY',
] as const

/** The settings that have a default. */
export const OPTIONAL_SETTINGS = [
  'OKTA_ISSUER',
  'PORT',
  'HOST',
  'BASE_URL',
  'TRUST_PROXY',
  'USER_CACHE_SECONDS',
  'USER_STALE_SECONDS',
  'SESSION_IDLE_SECONDS',
  'SESSION_MAX_SECONDS',
  'SIGN_IN_LIMIT_PER_MINUTE',
  'LOG_LEVEL',
] as const

type SettingName = (typeof REQUIRED_SETTINGS)[number] | (typeof OPTIONAL_SETTINGS)[number]

export type Environment = Readonly<Record<string, string | undefined>>

/** The process's own environment, over the `.env` in the current folder. Leaves `process.env` as it is, so that no library finds our settings there. */
export function readEnvironment(): Environment {
  const file: Record<string, string> = {}
  readDotenv({ processEnv: file, quiet: true })
  return { ...file, ...process.env }
}

const REMEDIES: Record<SettingName, string> = {
  OKTA_ORG_URL:
    'Your Okta domain with https://, such as https://dev-123456.okta.com. Admin Console: the menu under your name.',
  OKTA_CLIENT_ID: 'Admin Console: Applications > your app > General > Client ID.',
  OKTA_CLIENT_SECRET: 'Admin Console: Applications > your app > General > Client secrets.',
  OKTA_AUTH_TOKEN: 'Admin Console: Security > API > Tokens > Create token.',
  SECRET_KEY:
    'At least 32 random characters; several may be given, separated by commas. Generate one: openssl rand -base64 32',
  OKTA_ISSUER:
    'The issuer URI from Admin Console: Security > API > Authorization Servers, or your Okta domain for the org server.',
  PORT: 'A whole number from 0 to 65535.',
  HOST: 'An IP address to listen on, such as 127.0.0.1, or localhost.',
  BASE_URL: 'Where browsers reach the app, such as https://lair.example.com. http:// is for localhost only.',
  TRUST_PROXY: 'The number of proxies in front, or their addresses: 1, loopback, 10.0.0.0/8. Never true.',
  USER_CACHE_SECONDS: 'A whole number of seconds, 1 or more.',
  USER_STALE_SECONDS: 'A whole number of seconds, 1 or more.',
  SESSION_IDLE_SECONDS: 'A whole number of seconds, 1 or more.',
  SESSION_MAX_SECONDS: 'A whole number of seconds, 1 or more.',
  SIGN_IN_LIMIT_PER_MINUTE: 'A whole number from 1 to 1000000.',
  LOG_LEVEL: `One of ${LOG_LEVELS.join(', ')}.`,
}

/** All that is wrong with the settings. Its message names settings and remedies and never a value. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: ReadonlyMap<string, string>

  constructor(problems: ReadonlyMap<string, string>) {
    const lines = [...problems].map(([name, problem]) => {
      return `  ${name} ${problem}.\n    ${REMEDIES[name as SettingName]}`
    })
    const count = problems.size === 1 ? '1 setting needs' : `${problems.size} settings need`
    super(`The app cannot start: ${count} attention (environment or .env).\n${lines.join('\n')}`)
    this.problems = problems
  }
}

/** The names among `names` that have a value which is neither empty nor a placeholder of `.env.example`. */
export function presentSettings<Name extends string>(env: Environment, names: readonly Name[]): Name[] {
  return names.filter((name) => given(env, name) !== undefined)
}

/**
 * Reads and checks every setting.
 * @throws {ConfigError} with all problems at once
 */
export function loadConfig(env: Environment): Config {
  const problems = new Map<string, string>()

  /** Reads one setting; a problem is noted and `fallback` returned, so that the rest is checked as well. */
  function read<T>(name: SettingName, parse: (value: string) => T, fallback: T): T {
    const value = given(env, name)
    if (value === undefined) {
      if ((REQUIRED_SETTINGS as readonly string[]).includes(name)) problems.set(name, 'is missing')
      return fallback
    }
    try {
      return parse(value)
    } catch (error) {
      problems.set(name, error instanceof Invalid ? error.message : 'is malformed')
      return fallback
    }
  }

  const oktaOrgUrl = read('OKTA_ORG_URL', oktaOrigin, '')
  const baseUrl = read<string | undefined>('BASE_URL', origin, undefined)
  const config: Config = {
    oktaOrgUrl,
    oktaIssuer: read('OKTA_ISSUER', issuer, `${oktaOrgUrl}/oauth2/default`),
    oktaClientId: read('OKTA_CLIENT_ID', token, ''),
    oktaClientSecret: read('OKTA_CLIENT_SECRET', token, ''),
    oktaApiToken: read('OKTA_AUTH_TOKEN', token, ''),
    secretKeys: read('SECRET_KEY', secretKeys, ['']),
    port: read('PORT', wholeNumber(0, 65_535), 3000),
    host: read<string | undefined>('HOST', address, defaultHost(baseUrl)),
    baseUrl,
    trustProxy: read<Config['trustProxy']>('TRUST_PROXY', trustProxy, false),
    userCacheSeconds: read('USER_CACHE_SECONDS', wholeNumber(1, CENTURY), 60),
    userStaleSeconds: read('USER_STALE_SECONDS', wholeNumber(1, CENTURY), 300),
    sessionIdleSeconds: read('SESSION_IDLE_SECONDS', wholeNumber(1, CENTURY), 60 * 60),
    sessionMaxSeconds: read('SESSION_MAX_SECONDS', wholeNumber(1, CENTURY), 12 * 60 * 60),
    signInLimitPerMinute: read('SIGN_IN_LIMIT_PER_MINUTE', wholeNumber(1, 1_000_000), 300),
    logLevel: read<LogLevel>('LOG_LEVEL', logLevel, 'info'),
    development: env.NODE_ENV === 'development',
  }
  if (problems.size > 0) throw new ConfigError(problems)
  return config
}

/** Why a value will not do, as the end of a sentence that starts with the setting's name. Never the value. */
class Invalid extends Error {}

/** `{yourClientId}` and the like: how `.env.example` and Okta's own documents mark what is to be filled in. */
const PLACEHOLDER = /^(https?:\/\/)?\{[^{}]*\}(\.okta\.com)?(\/.*)?$/

function given(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === undefined || value === '' || PLACEHOLDER.test(value) ? undefined : value
}

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether a URL's hostname names this machine itself. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK_HOSTS.has(hostname)
}

function webUrl(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new Invalid('is not a URL with https://')
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new Invalid('must use https:// (http:// is accepted for localhost only)')
  }
  if (/[{}]/.test(url.hostname)) throw new Invalid('has a placeholder for its domain')
  if (url.username || url.password) throw new Invalid('must not contain a user name or password')
  if (/[?#]/.test(value)) throw new Invalid('must not contain a query or a fragment')
  return url
}

function origin(value: string): string {
  const url = webUrl(value)
  if (url.pathname !== '/') throw new Invalid('must not contain a path')
  return url.origin
}

function notAdminConsole(url: string): string {
  if (/-admin\.(okta|oktapreview|okta-emea)\.com$/.test(new URL(url).hostname)) {
    throw new Invalid('is the address of the Admin Console: leave out "-admin"')
  }
  return url
}

function oktaOrigin(value: string): string {
  return notAdminConsole(origin(value))
}

/** Okta's issuers have no trailing slash, and an ID token's `iss` must equal the issuer to the letter. */
function issuer(value: string): string {
  return notAdminConsole(webUrl(value).href.replace(/\/+$/, ''))
}

function token(value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value)) throw new Invalid('contains a space or a character that is not ASCII')
  return value
}

function secretKeys(value: string): [string, ...string[]] {
  const [first = '', ...others] = value.split(',').map((key) => key.trim())
  for (const key of [first, ...others]) {
    if (key.length < 32) throw new Invalid('has a key with fewer than 32 characters')
  }
  return [first, ...others]
}

/** In seconds; beyond it dates stop being dates. */
const CENTURY = 100 * 365 * 24 * 60 * 60

function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < least || number > most) throw new Invalid('is not such a number')
    return number
  }
}

function address(value: string): string {
  const host = value.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) === 0 && host !== 'localhost') throw new Invalid('is not an address')
  return host
}

function defaultHost(baseUrl: string | undefined): string | undefined {
  const hostname = new URL(baseUrl ?? 'http://localhost').hostname
  if (!isLoopback(hostname)) return undefined
  return hostname === '[::1]' ? '::1' : '127.0.0.1'
}

function trustProxy(value: string): number | string[] {
  if (/^\d{1,2}$/.test(value)) return Number(value)
  const parts = value.split(',').map((part) => part.trim())
  for (const part of parts) {
    const [ip = '', prefix, ...rest] = part.split('/')
    const bits = isIP(ip) === 6 ? 128 : 32
    const isSubnet =
      isIP(ip) > 0 && rest.length === 0 && (prefix === undefined || wholeNumber(1, bits)(prefix))
    if (!isSubnet && !['loopback', 'linklocal', 'uniquelocal'].includes(part)) {
      throw new Invalid('is neither a number of proxies nor a list of addresses')
    }
  }
  return parts
}

function logLevel(value: string): LogLevel {
  const level = LOG_LEVELS.find((name) => name === value)
  if (level === undefined) throw new Invalid('is not a level')
  return level
}
