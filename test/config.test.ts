import { readFileSync } from 'node:fs'
import { parse } from 'dotenv'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type AppConfig, type Config, ConfigError, loadConfig, REQUIRED_SETTINGS } from '../src/config.js'

const GOOD = {
  OKTA_ORG_URL: 'https://dev-123456.okta.com',
  OKTA_CLIENT_ID: '0oa1client',
  OKTA_CLIENT_SECRET: 'client-secret-value',
  OKTA_AUTH_TOKEN: '00api-token-value',
  SECRET_KEY: 'a-secret-key-of-at-least-32-characters',
}

function problemsOf(env: Record<string, string | undefined>): Record<string, string> {
  try {
    loadConfig({ ...GOOD, ...env })
    return {}
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return Object.fromEntries(error.problems)
  }
}

describe('[25] [44] [62] [103] loadConfig', () => {
  it('fills in the documented defaults', () => {
    expect(loadConfig(GOOD)).toEqual({
      oktaOrgUrl: 'https://dev-123456.okta.com',
      oktaIssuer: 'https://dev-123456.okta.com/oauth2/default',
      oktaClientId: '0oa1client',
      oktaClientSecret: 'client-secret-value',
      oktaApiToken: '00api-token-value',
      secretKeys: ['a-secret-key-of-at-least-32-characters'],
      port: 3000,
      host: '127.0.0.1',
      baseUrl: undefined,
      trustProxy: false,
      userCacheSeconds: 60,
      userStaleSeconds: 300,
      sessionIdleSeconds: 3600,
      sessionMaxSeconds: 43_200,
      signInLimitPerMinute: 300,
      logLevel: 'info',
      development: false,
    })
  })

  it('knows the type of each setting from the table', () => {
    expectTypeOf<Config['oktaOrgUrl' | 'oktaIssuer' | 'oktaApiToken']>().toEqualTypeOf<string>()
    expectTypeOf<Config['secretKeys']>().toEqualTypeOf<[string, ...string[]]>()
    expectTypeOf<Config['port' | 'sessionMaxSeconds' | 'signInLimitPerMinute']>().toEqualTypeOf<number>()
    expectTypeOf<Config['host']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Config['baseUrl']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Config['trustProxy']>().toEqualTypeOf<false | number | string[]>()
    expectTypeOf<Config['logLevel']>().toEqualTypeOf<
      'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
    >()
    expectTypeOf<Config['development']>().toEqualTypeOf<boolean>()
    expectTypeOf<AppConfig['baseUrl']>().toEqualTypeOf<string>()
  })

  it('lists every problem at once, each with its remedy, and never a value', () => {
    const env = {
      OKTA_ORG_URL: 'http://bad-value.example',
      OKTA_CLIENT_SECRET: '',
      SECRET_KEY: 'bad-value',
      PORT: 'bad-value',
    }
    const { message } = catchError(() => loadConfig(env))
    for (const name of [
      'OKTA_ORG_URL',
      'OKTA_CLIENT_ID',
      'OKTA_CLIENT_SECRET',
      'OKTA_AUTH_TOKEN',
      'SECRET_KEY',
      'PORT',
    ]) {
      expect(message).toMatch(new RegExp(`^ {2}${name} .+\\n {4}\\S`, 'm'))
    }
    expect(message).not.toContain('bad-value')
    expect(message).toContain('6 settings')
  })

  it.each([
    ['OKTA_ORG_URL', 'https://dev-123456-admin.okta.com', /-admin/],
    ['OKTA_ORG_URL', 'https://dev-123456.okta.com/oauth2/default', /path/],
    ['OKTA_ORG_URL', 'dev-123456.okta.com', /https/],
    ['OKTA_ORG_URL', 'http://dev-123456.okta.com', /https/],
    ['OKTA_ORG_URL', 'https://user:password@dev-123456.okta.com', /password/],
    ['OKTA_ORG_URL', 'https://{yourOktaDomain}', /missing/],
    ['OKTA_ORG_URL', '   ', /missing/],
    ['OKTA_ORG_URL', 'https://dev-{number}.okta.com', /placeholder/],
    ['SESSION_MAX_SECONDS', '9007199254740991', /number/],
    ['OKTA_CLIENT_ID', '{yourClientId}', /missing/],
    ['OKTA_AUTH_TOKEN', 'two words', /space/],
    ['OKTA_ISSUER', 'http://issuer.example', /https/],
    ['OKTA_ISSUER', 'https://dev-123456-admin.okta.com/oauth2/default', /-admin/],
    ['OKTA_ISSUER', 'https://dev-123456.okta.com/oauth2/default?x', /query/],
    ['SECRET_KEY', 'x'.repeat(31), /32/],
    ['SECRET_KEY', `${'x'.repeat(32)},short`, /32/],
    ['SECRET_KEY', `${'x'.repeat(32)},`, /32/],
    ['BASE_URL', 'http://lair.example.com', /https/],
    ['BASE_URL', 'https://lair.example.com/path', /path/],
    ['BASE_URL', 'ftp://localhost', /URL/],
    ['PORT', '65536', /number/],
    ['PORT', '-1', /number/],
    ['PORT', '3e3', /number/],
    ['HOST', 'lair.example.com', /address/],
    ['TRUST_PROXY', 'true', /proxies/],
    ['TRUST_PROXY', '10.0.0.0/33', /number|proxies/],
    ['TRUST_PROXY', 'loopback,nonsense', /proxies/],
    ['SESSION_IDLE_SECONDS', '0', /number/],
    ['SESSION_MAX_SECONDS', '1.5', /number/],
    ['LOG_LEVEL', 'loud', /level/],
  ])('refuses %s=%s', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual({ [name]: expect.stringMatching(problem) })
  })

  it.each([
    [
      'OKTA_ORG_URL',
      'https://dev-123456.okta.com/',
      (c: Config) => c.oktaOrgUrl,
      'https://dev-123456.okta.com',
    ],
    [
      'OKTA_ORG_URL',
      'http://localhost:8080',
      (c: Config) => c.oktaIssuer,
      'http://localhost:8080/oauth2/default',
    ],
    [
      'OKTA_ISSUER',
      'https://dev-123456.okta.com',
      (c: Config) => c.oktaIssuer,
      'https://dev-123456.okta.com',
    ],
    [
      'OKTA_ISSUER',
      'https://id.example.com/oauth2/aus1/',
      (c: Config) => c.oktaIssuer,
      'https://id.example.com/oauth2/aus1',
    ],
    [
      'SECRET_KEY',
      ` ${'a'.repeat(32)} , ${'b'.repeat(32)} `,
      (c: Config) => c.secretKeys,
      ['a'.repeat(32), 'b'.repeat(32)],
    ],
    ['BASE_URL', 'https://lair.example.com/', (c: Config) => c.baseUrl, 'https://lair.example.com'],
    ['BASE_URL', 'https://lair.example.com', (c: Config) => c.host, undefined],
    ['BASE_URL', 'http://[::1]:3000', (c: Config) => c.host, '::1'],
    ['HOST', '0.0.0.0', (c: Config) => c.host, '0.0.0.0'],
    ['TRUST_PROXY', '1', (c: Config) => c.trustProxy, 1],
    ['TRUST_PROXY', 'loopback, 10.0.0.0/8', (c: Config) => c.trustProxy, ['loopback', '10.0.0.0/8']],
    ['PORT', '0', (c: Config) => c.port, 0],
  ])('understands %s=%s', (name, value, read, expected) => {
    expect(read(loadConfig({ ...GOOD, [name]: value }))).toEqual(expected)
  })
})

describe('.env.example', () => {
  const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')

  it('is nothing but placeholders: copied as it is, every required setting counts as missing', () => {
    for (const env of [text, text.replace(/^# ?(?=OKTA_)/gm, '')]) {
      const { message } = catchError(() => loadConfig(parse(env)))
      expect(message).toContain(`${REQUIRED_SETTINGS.length} settings`)
    }
  })
})

function catchError(act: () => unknown): Error {
  try {
    act()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('Nothing was thrown')
}
