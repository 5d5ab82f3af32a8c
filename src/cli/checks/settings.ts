/** What can be seen in the settings alone, and in the version of Node.js. */
import { readFileSync } from 'node:fs'
import { ConfigError, misspeltSettings, presentSettings, REQUIRED_SETTINGS } from '../../config.js'
import { isLoopback } from '../../setting-values.js'
import { SETTINGS } from '../../settings.js'
import { type Check, failed, ok, type Verdict, warning } from './check.js'

export const settings: Check = ({ env, config }) => {
  const misspelt = misspeltSettings(env)
  const detail = misspelt.map(({ given, meant }) => `${given} is not read. Is ${meant} meant?`).join('\n')
  try {
    config()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const areNone = presentSettings(env, REQUIRED_SETTINGS).length === 0 && detail === ''
    return areNone ? noSettings() : explain(error.problems, detail)
  }
  const remedy = 'Correct the name, or remove it from the environment or from .env'
  return detail
    ? warning('A name looks like a misspelt setting', { detail, remedy })
    : ok('All settings are valid')
}

function noSettings(): Verdict {
  const remedy = 'For your own Okta org, npm run okta:setup makes them'
  return failed('There are no settings; `npm run dev` needs none', { remedy })
}

function explain(problems: ReadonlyMap<string, string>, detail: string): Verdict {
  const wrong = Object.values(SETTINGS).filter(({ name }) => problems.has(name))
  const message = wrong.map(({ name }) => `${name} ${problems.get(name)}`).join('; ')
  const remedy = wrong.map(({ name, remedy }) => `${name}: ${remedy}`).join('\n')
  return failed(message, { detail, remedy })
}

export const node: Check = ({ nodeVersion }) => {
  const { engines } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  if (satisfies(nodeVersion, engines.node)) return ok(`Node.js ${nodeVersion} is supported`)
  const remedy = `Install one of these versions of Node.js: ${engines.node}`
  return warning(`Node.js ${nodeVersion} is not supported`, { remedy })
}

/** @param range alternatives such as `^20.19.0 || >=23.0.0` */
function satisfies(version: string, range: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return range.split('||').some((alternative) => {
    const [, sign, from = 0, fromMinor = 0] = /(\^|>=)(\d+)\.(\d+)/.exec(alternative) ?? []
    const isSameLine = major === Number(from) && minor >= Number(fromMinor)
    return isSameLine || (sign === '>=' && major > Number(from))
  })
}

export const baseUrl: Check = async ({ env, config }, after) => {
  await after('settings')
  const { baseUrl, development, port } = config()
  if (presentSettings(env, ['BASE_URL']).length === 0) {
    if (development) return ok(`Browsers reach the app at ${baseUrl}`)
    const remedy = 'Where others use the app, set BASE_URL and TRUST_PROXY'
    return warning(`BASE_URL is not set: browsers are sent to ${baseUrl}`, { remedy })
  }
  const url = new URL(baseUrl)
  const named = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  if (isLoopback(url.hostname) && url.protocol === 'http:' && named !== port) {
    const remedy = 'Set both to the same port, unless a proxy on this machine leads from one to the other'
    return warning(`BASE_URL names port ${named}, and the app listens on port ${port}`, { remedy })
  }
  return ok(`Browsers reach the app at ${baseUrl}`)
}

export const proxy: Check = async ({ config }, after) => {
  await after('settings')
  const { baseUrl, trustProxy } = config()
  const isBelieved = trustProxy !== false && trustProxy !== 0
  if (baseUrl.startsWith('https:') && !isBelieved) {
    const remedy = 'Set TRUST_PROXY to the number of proxies in front, or to their addresses'
    const message = 'BASE_URL is https, so there is a proxy in front, but TRUST_PROXY names none'
    const detail = 'All people have the proxy’s address, and share one limit of sign-ins'
    return warning(message, { detail, remedy })
  }
  return ok(isBelieved ? 'TRUST_PROXY names the proxies in front' : 'No proxy is trusted')
}
