/** What the values of settings must look like. Each parser turns a text into a value, or throws `Invalid`. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { isIP } from 'node:net'

/** The app refuses a value. The message ends a sentence that starts with the setting's name. It never has the value. */
export class Invalid extends Error {}

/** @throws {Invalid} */
export function check(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new Invalid(problem)
}

export function required(): never {
  throw new Invalid('is missing')
}

/** Whether the environment has a value for a setting. */
export type IsGiven = (name: string) => boolean

/** For OKTA_AUTH_TOKEN. If one half of the service app is missing, the message about that half is enough. */
export function requiredWithoutServiceApp({ isGiven }: { isGiven: IsGiven }): undefined {
  if (!isGiven('OKTA_API_CLIENT_ID') && !isGiven('OKTA_API_PRIVATE_KEY')) required()
}

/** For a setting that is off by default, but required if there is the other one. */
export function goesWith(other: string) {
  return ({ isGiven }: { isGiven: IsGiven }): undefined => {
    check(!isGiven(other), `is missing: ${other} is of no use without it`)
  }
}

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Whether a URL's hostname names this machine itself. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK_HOSTS.has(hostname)
}

function webUrl(value: string): URL {
  check(URL.canParse(value) && /^https?:/i.test(value), 'is not a URL with https://')
  const url = new URL(value)
  const { protocol, hostname, username, password } = url
  const isSafe = protocol === 'https:' || isLoopback(hostname)
  check(isSafe, 'must use https:// (http:// is accepted for localhost only)')
  check(!/[{}]/.test(hostname), 'has a placeholder for its domain')
  const isAdminConsole = /-admin\.(okta|oktapreview|okta-emea)\.com$/.test(hostname)
  check(!isAdminConsole, 'is the address of the Admin Console: leave out "-admin"')
  check(username + password === '', 'must not contain a user name or password')
  check(!/[?#]/.test(value), 'must not contain a query or a fragment')
  return url
}

export function origin(value: string): string {
  const url = webUrl(value)
  check(url.pathname === '/', 'must not contain a path')
  return url.origin
}

/** The URL of a Redis server. It may have a user, a password and the number of a database. */
export function redisUrl(value: string): string {
  check(URL.canParse(value) && /^rediss?:\/\//i.test(value), 'is not a URL with redis:// or rediss://')
  const { hostname, pathname, search, hash, username, password } = new URL(value)
  check(isEncoded(username + password), 'has a % in user or password that is not written as %25')
  check(hostname !== '', 'has no host')
  check(/^(\/\d*)?$/.test(pathname), 'must not contain a path other than the number of a database')
  check(search + hash === '', 'must not contain a query or a fragment')
  return value
}

function isEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined
  } catch {
    return false
  }
}

/** Okta's issuers have no trailing slash, and the `iss` of an ID token must equal the issuer exactly. */
export function issuer(value: string): string {
  return webUrl(value).href.replace(/\/+$/, '')
}

export function token(value: string): string {
  check(/^[\x21-\x7e]+$/.test(value), 'contains a space or a character that is not ASCII')
  return value
}

/** An RSA key. `kid` is its name at Okta, if the key is a JWK that has one. */
export type PrivateKey = { key: KeyObject; kid: string | undefined }

/** PEM (PKCS#8 or PKCS#1), in which `\n` may be two characters; or a JWK as JSON. */
export function privateKey(value: string): PrivateKey {
  const { key, kid } = readKey(value)
  check(key.asymmetricKeyType === 'rsa', 'is not an RSA key')
  check(Number(key.asymmetricKeyDetails?.modulusLength) >= 2048, 'has fewer than 2048 bits')
  check(signsRight(key), 'has parts that do not belong together')
  return { key, kid }
}

function signsRight(key: KeyObject): boolean {
  try {
    return verify('sha256', Buffer.of(), createPublicKey(key), sign('sha256', Buffer.of(), key))
  } catch {
    return false
  }
}

function readKey(value: string): PrivateKey {
  try {
    if (!value.startsWith('{'))
      return { key: createPrivateKey(value.replaceAll('\\n', '\n')), kid: undefined }
    const jwk = JSON.parse(value)
    const kid = typeof jwk.kid === 'string' ? jwk.kid : undefined
    return { key: createPrivateKey({ key: jwk, format: 'jwk' }), kid }
  } catch {
    // The error of the parser may have a part of the key.
    throw new Invalid('is not a private key in PEM, without a passphrase, or a JWK with all its parts')
  }
}

export function wholeNumber(least: number, most: number, unit = ''): (value: string) => number {
  return (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    check(number >= least && number <= most, `must be a whole number${unit} from ${least} to ${most}`)
    return number
  }
}

/** At most a century: a much larger number is more than a JavaScript `Date` can hold. */
export const seconds = wholeNumber(1, 100 * 365 * 24 * 60 * 60, ' of seconds')

/** Names separated by commas. */
export function names(value: string): string[] {
  const all = value.split(',').map((name) => name.trim())
  check(!all.includes(''), 'has an empty name between its commas')
  return all
}

export function address(value: string): string {
  const host = value.replace(/^\[(.*)\]$/, '$1')
  check(isIP(host) > 0 || host === 'localhost', 'is not an IP address such as 127.0.0.1, or localhost')
  return host
}

/**
 * The default of HOST; `undefined` means all addresses. Only this machine can connect to a loopback address, so the app
 * listens there only if BASE_URL names this machine.
 */
export function hostFor(baseUrl = 'http://localhost'): string | undefined {
  const { hostname } = new URL(baseUrl)
  if (!isLoopback(hostname)) return undefined
  return hostname === '[::1]' ? '::1' : '127.0.0.1'
}

/** Express's "trust proxy" value. */
export function trustProxy(value: string): false | number | string[] {
  if (/^\d{1,2}$/.test(value)) return Number(value)
  const parts = value.split(',').map((part) => part.trim())
  check(parts.every(namesProxies), 'must be a whole number of proxies from 0 to 99, or a list of addresses')
  return parts
}

/** The default of TRUST_PROXY. With https in BASE_URL it has none: the app speaks only http, so there is a proxy. */
export function noProxy(baseUrl = ''): false {
  check(!baseUrl.startsWith('https:'), 'is missing: with https:// in BASE_URL there is a proxy in front')
  return false
}

function namesProxies(part: string): boolean {
  const [, ip = '', bits = '1'] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? []
  const isSubnet = isIP(ip) > 0 && Number(bits) >= 1 && Number(bits) <= (isIP(ip) === 6 ? 128 : 32)
  return isSubnet || ['loopback', 'linklocal', 'uniquelocal'].includes(part)
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export function logLevel(value: string): (typeof LOG_LEVELS)[number] {
  const level = LOG_LEVELS.find((name) => name === value)
  check(level !== undefined, `must be one of the levels ${LOG_LEVELS.join(', ')}`)
  return level
}
