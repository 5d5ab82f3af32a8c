/** Reads the settings. `loadConfig` returns them, or throws one `ConfigError` that lists every problem. */
import { parse, config as readDotenv } from 'dotenv'
import { misspeltNames } from './setting-names.js'
import { Invalid } from './setting-values.js'
import { SETTINGS } from './settings.js'

/** The value of every setting. URLs have no trailing slash; times are whole seconds. */
export type Config = { [Key in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Key]['parse']> } & {
  /** `NODE_ENV` is `development`, as in `npm run dev`: templates and assets may change, error pages show remedies. */
  development: boolean
}

/** The settings of a running app, which knows its own address. */
export type AppConfig = Config & { baseUrl: string }

/** @param port on which the app listens */
export function withBaseUrl(config: Config, port: number | undefined = config.port): AppConfig {
  return { ...config, baseUrl: config.baseUrl ?? `http://localhost:${port}` }
}

const ALL = Object.values(SETTINGS)
const NAMES = ALL.map(({ name }) => name)

/** The names of the settings without which the app cannot run. */
export const REQUIRED_SETTINGS = ALL.filter(({ isRequired }) => isRequired).map(({ name }) => name)

/** The names of the settings that switch something on, or change a default. */
export const OPTIONAL_SETTINGS = ALL.filter(({ isRequired }) => !isRequired).map(({ name }) => name)

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment of the process, and the file `.env` for names that the environment does not have.
 * `process.env` does not change, so that no library finds the settings of `.env` there.
 */
export function readEnvironment(path = '.env'): Environment {
  const file: Record<string, string> = {}
  readDotenv({ path, processEnv: file, quiet: true })
  return { ...file, ...process.env }
}

/** The settings in the text of a `.env` file. Empty texts and placeholders are left out. */
export function settingsIn(text: string): Record<string, string | undefined> {
  const env = parse(text)
  return Object.fromEntries(presentSettings(env, Object.keys(env)).map((name) => [name, env[name]]))
}

/** All problems with the settings. The message names settings and remedies, and never a value. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: ReadonlyMap<string, string>

  constructor(problems: ReadonlyMap<string, string>, misspelt: ReturnType<typeof misspeltSettings>) {
    const wrong = ALL.filter(({ name }) => problems.has(name))
    const lines = [
      ...wrong.map(({ name, remedy }) => `  ${name} ${problems.get(name)}.\n    ${remedy}`),
      ...misspelt.map(({ given, meant }) => `  ${given} is not read. Is ${meant} meant?`),
    ]
    const isOktaMissing = [...problems].some(
      ([name, problem]) => name.startsWith('OKTA_') && problem.startsWith('is missing'),
    )
    if (isOktaMissing)
      lines.push('  npm run okta:setup makes what is missing in your Okta org, and writes it to .env.')
    const count = problems.size === 1 ? '1 setting needs' : `${problems.size} settings need`
    super(`The app cannot start: ${count} attention (environment or .env).\n${lines.join('\n')}`)
    this.problems = problems
  }
}

/** Those of `names` that have a value. An empty text, or a placeholder of `.env.example`, is none. */
export function presentSettings(env: Environment, names: readonly string[]): string[] {
  return names.filter((name) => valueIn(env, name) !== undefined)
}

/** Names of the environment that are probably misspelt settings. */
export function misspeltSettings(env: Environment): { given: string; meant: string }[] {
  return misspeltNames(Object.keys(env), NAMES)
}

/**
 * Reads and checks every setting.
 * @throws {ConfigError} with all problems at once
 */
export function loadConfig(env: Environment): Config {
  const problems = new Map<string, string>()
  const isGiven = (name: string) => valueIn(env, name) !== undefined
  const config = { development: env.NODE_ENV === 'development' } as Config // the loop adds the rest
  for (const [key, { name, parse, otherwise }] of Object.entries(SETTINGS)) {
    const value = valueIn(env, name)
    try {
      Object.assign(config, { [key]: value === undefined ? otherwise({ ...config, isGiven }) : parse(value) })
    } catch (error) {
      if (!(error instanceof Invalid)) throw error
      problems.set(name, error.message)
    }
  }
  if (problems.size > 0) throw new ConfigError(problems, misspeltSettings(env))
  return config
}

/** `{yourClientId}` and the like, as in `.env.example` and Okta's documents. A JWK has quotation marks, these have none. */
const PLACEHOLDER = /^(https?:\/\/)?\{[^{}"]*\}(\.okta\.com)?(\/.*)?$/

/** The value of a setting. An empty text, or a placeholder of `.env.example`, is none. */
export function valueIn(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === undefined || value === '' || PLACEHOLDER.test(value) ? undefined : value
}
