import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parse } from 'dotenv'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type AppConfig,
  type Config,
  ConfigError,
  loadConfig,
  misspeltSettings,
  presentSettings,
  REQUIRED_SETTINGS,
} from '../src/config.js'
import { secretKeys } from '../src/secret-keys.js'
import { SETTINGS } from '../src/settings.js'

const GOOD = {
  OKTA_ORG_URL: 'https://dev-123456.okta.com',
  OKTA_CLIENT_ID: '0oa1client',
  OKTA_CLIENT_SECRET: 'client-secret-value',
  OKTA_AUTH_TOKEN: '00api-token-value',
  SECRET_KEY: 'a-secret-key-of-at-least-32-characters',
}

const OTHER_KEY = randomKey('another', 'base64')

/** What `openssl rand` gives, but the same in each run of the tests. */
function randomKey(seed: string | number, encoding: 'base64' | 'base64url' | 'hex'): string {
  return createHash('sha256').update(String(seed)).digest(encoding)
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
    expect(loadConfig(GOOD)).toMatchObject({
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
      metricsHost: '127.0.0.1',
      logLevel: 'info',
      development: false,
    })
  })

  it('knows the type of each setting from the table', () => {
    expectTypeOf<Config['oktaOrgUrl' | 'oktaIssuer']>().toEqualTypeOf<string>()
    expectTypeOf<Config['oktaApiToken' | 'oktaApiClientId']>().toEqualTypeOf<string | undefined>()
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
    expect(message.match(/npm run okta:setup/g)).toHaveLength(1)
  })

  it('names the set-up only where settings of Okta’s are missing', () => {
    for (const env of [{ SECRET_KEY: '' }, { OKTA_ORG_URL: 'https://dev-1-admin.okta.com' }])
      expect(catchError(() => loadConfig({ ...GOOD, ...env })).message).not.toContain('okta:setup')
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
    ['OKTA_CLIENT_ID', '{yourClientId}', /missing/],
    ['OKTA_AUTH_TOKEN', 'two words', /space/],
    ['OKTA_ISSUER', 'http://issuer.example', /https/],
    ['OKTA_ISSUER', 'https://dev-123456-admin.okta.com/oauth2/default', /-admin/],
    ['OKTA_ISSUER', 'https://dev-123456.okta.com/oauth2/default?x', /query/],
    ['BASE_URL', 'http://lair.example.com', /https/],
    ['BASE_URL', 'https://lair.example.com/path', /path/],
    ['BASE_URL', 'ftp://localhost', /URL/],
    ['PORT', '65536', /^must be a whole number from 0 to 65535$/],
    ['PORT', '-1', /from 0/],
    ['PORT', '3e3', /whole number/],
    ['HOST', 'lair.example.com', /such as 127\.0\.0\.1, or localhost$/],
    ['REDIS_URL', 'http://localhost:6379', /redis:\/\//],
    ['REDIS_URL', 'redis://:s3cr%t@localhost', /%25/],
    ['REDIS_URL', 'redis://:s3cr%ff@localhost', /%25/],
    ['REDIS_URL', 'redis://localhost/lair', /number of a database/],
    ['TRUST_PROXY', 'true', /^must be a whole number of proxies from 0 to 99, or a list of addresses$/],
    ['TRUST_PROXY', '100', /from 0 to 99/],
    ['TRUST_PROXY', '10.0.0.0/33', /addresses/],
    ['TRUST_PROXY', 'fd00::/129', /addresses/],
    ['TRUST_PROXY', '0.0.0.0/0', /addresses/],
    ['TRUST_PROXY', 'loopback,nonsense', /addresses/],
    ['USER_CACHE_SECONDS', '1m', /^must be a whole number of seconds from 1 to 3153600000$/],
    ['USER_STALE_SECONDS', '9007199254740991', /seconds from 1/],
    ['SESSION_IDLE_SECONDS', '0', /seconds from 1/],
    ['SESSION_MAX_SECONDS', '1.5', /whole number of seconds/],
    ['SIGN_IN_LIMIT_PER_MINUTE', '1000001', /^must be a whole number from 1 to 1000000$/],
    ['LAIR_GROUPS', 'Lair keepers,, Thundercats', /empty name/],
    ['LOG_LEVEL', 'loud', /levels trace, debug, info, warn, error, fatal, silent$/],
  ])('refuses %s=%s', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual({ [name]: expect.stringMatching(problem) })
  })

  it('reads LAIR_GROUPS as names between commas, whatever else is in them', () => {
    const env = { ...GOOD, LAIR_GROUPS: ' Lair keepers ,Wächter <b>"&" ' }
    expect(loadConfig(env).lairGroups).toEqual(['Lair keepers', 'Wächter <b>"&"'])
    expect(loadConfig(GOOD).lairGroups).toBeUndefined()
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
      ` ${GOOD.SECRET_KEY} , ${OTHER_KEY} `,
      (c: Config) => c.secretKeys,
      [GOOD.SECRET_KEY, OTHER_KEY],
    ],
    ['BASE_URL', 'http://[::1]:3000', (c: Config) => c.host, '::1'],
    ['HOST', '0.0.0.0', (c: Config) => c.host, '0.0.0.0'],
    ['TRUST_PROXY', '1', (c: Config) => c.trustProxy, 1],
    ['TRUST_PROXY', 'loopback, 10.0.0.0/8', (c: Config) => c.trustProxy, ['loopback', '10.0.0.0/8']],
    ['TRUST_PROXY', 'fd00::1/128, 128.0.0.0/1', (c: Config) => c.trustProxy, ['fd00::1/128', '128.0.0.0/1']],
    ['PORT', '0', (c: Config) => c.port, 0],
  ])('understands %s=%s', (name, value, read, expected) => {
    expect(read(loadConfig({ ...GOOD, [name]: value }))).toEqual(expected)
  })
})

describe('[121] https in BASE_URL', () => {
  const BASE_URL = 'https://lair.example.com'

  it('needs TRUST_PROXY, and the message names both choices', () => {
    expect(problemsOf({ BASE_URL })).toEqual({ TRUST_PROXY: expect.stringMatching(/missing.*BASE_URL/) })
    const { message } = catchError(() => loadConfig({ ...GOOD, BASE_URL }))
    expect(message).toMatch(/ 1, loopback, 10\.0\.0\.0\/8\. Or 0 for none\./)
  })

  it.each([
    ['0', 0],
    ['1', 1],
    ['loopback', ['loopback']],
  ])('starts with TRUST_PROXY=%s, and listens on all addresses', (given, trustProxy) => {
    const config = loadConfig({ ...GOOD, BASE_URL: `${BASE_URL}/`, TRUST_PROXY: given })
    expect(config).toMatchObject({ baseUrl: BASE_URL, host: undefined, trustProxy })
  })
})

describe('[62] [127] SECRET_KEY', () => {
  const tutorial = 'a very long string with lots of numbers and letters'

  it.each([
    ['short', /fewer than 32/, [OTHER_KEY.slice(0, 31), '']],
    ['of few characters', /fewer than 12 different/, ['x'.repeat(40), '31415926535897932384626433832795']],
    ['a repetition', /repeats/, ['Correct-Horse-92/Correct-Horse-92/', OTHER_KEY.slice(0, 20).repeat(3)]],
    ['a repetition that is cut short', /repeats/, ['changeme-and-go-CHANGEME-and-go-chan']],
    ['a run', /run/, ['abcdefghijklmnopqrstuvwxyz0123456789', 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef']],
    ['a run backwards', /run/, ['zyxwvutsrqponmlkjihgfedcba9876543210', 'ZyXwVuTsRqPoNmLkJiHgFeDcBa-987654']],
    [
      'runs one after the other',
      /run/,
      ['0123456789abcdefghij0123456789ABCDEFG', 'aabbccddeeffgghhiijjkkllmmnnoopp'],
    ],
    [
      'a placeholder',
      /placeholder/,
      ['your-secret-key-of-32-characters-or-more', 'CHANGE_ME_to_something_that_is_long'],
    ],
    [
      'placeholder words',
      /placeholder/,
      ['my super-secret password: my secret key', 'replace-me.Replace Me.REPLACEME!'],
    ],
    ["the tutorial's", /placeholder/, [tutorial, tutorial.toUpperCase(), tutorial.replaceAll(' ', '_')]],
  ])('does not start when it is %s, alone or in a list', (_what, problem, keys) => {
    for (const key of keys) {
      const { message } = catchError(() => loadConfig({ ...GOOD, SECRET_KEY: `${OTHER_KEY},${key}` }))
      expect([key, message]).toEqual([key, expect.stringMatching(problem)])
      expect(problemsOf({ SECRET_KEY: `${key},${OTHER_KEY}` })).toHaveProperty('SECRET_KEY')
      if (key !== '') expect(message).not.toContain(key)
    }
  })

  it.each(['base64', 'base64url', 'hex'] as const)('accepts 5,000 random keys in %s', (encoding) => {
    for (let n = 0; n < 5_000; n++) secretKeys(randomKey(n, encoding))
  })

  it('is no run unless three of four characters are right beside the one before', () => {
    const accepted = ['abcdefghijklmnopqrstuvwx-5a9m2x7', 'acegikmoqsuwybdfhjlnprtvxz02468-']
    for (const key of accepted) expect(secretKeys(key)).toEqual([key])
    expect(problemsOf({ SECRET_KEY: 'abcdefghijklmnopqrstuvwxy-5a9m2x' })).toHaveProperty('SECRET_KEY')
  })

  it('accepts words that are not the usual ones', () => {
    for (const key of [GOOD.SECRET_KEY, 'secret 7 otters juggle my password at dawn'])
      expect(secretKeys(key)).toEqual([key])
  })
})

it('[138] every setting whose value nobody may see says so in the table', () => {
  const secret = Object.values(SETTINGS).filter((setting) => setting.secret)
  const sounds = Object.values(SETTINGS).filter(({ name }) => /SECRET|TOKEN|PRIVATE|REDIS_URL/.test(name))
  expect(secret).toEqual(sounds)
})

describe('presentSettings', () => {
  it('names the settings that have a value, which an empty text and a placeholder are not', () => {
    const env = { ...GOOD, OKTA_CLIENT_ID: ' ', OKTA_ORG_URL: 'https://{yourOktaDomain}' }
    expect(presentSettings(env, REQUIRED_SETTINGS)).toEqual([
      'OKTA_CLIENT_SECRET',
      'OKTA_AUTH_TOKEN',
      'SECRET_KEY',
    ])
  })
})

describe('misspeltSettings', () => {
  const names = Object.values(SETTINGS).map(({ name }) => name)

  it.each([
    ['OKTA_ORGURL', 'OKTA_ORG_URL'],
    ['OKTAORGURL', 'OKTA_ORG_URL'],
    ['okta_org_url', 'OKTA_ORG_URL'],
    ['OKTA_ISUER', 'OKTA_ISSUER'],
    ['OKTA_CLIENTID', 'OKTA_CLIENT_ID'],
    ['OKTA_AUTH_TOKNE', 'OKTA_AUTH_TOKEN'],
    ['OKTA_AUTHH_TOKENN', 'OKTA_AUTH_TOKEN'],
    ['OKTA_OUTH_TOKAN', 'OKTA_AUTH_TOKEN'],
    ['SECRETKEY', 'SECRET_KEY'],
    ['USER_CACHE_SECOND', 'USER_CACHE_SECONDS'],
    ['SESSION_IDLE_SECOND', 'SESSION_IDLE_SECONDS'],
    ['SESION_MAX_SECOND', 'SESSION_MAX_SECONDS'],
    ['SIGNINLIMITPERMINUTE', 'SIGN_IN_LIMIT_PER_MINUTE'],
    ['BASEURL', 'BASE_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
  ])('takes %s for %s', (given, meant) => {
    expect(misspeltSettings({ ...GOOD, [given]: 'value' })).toEqual([{ given, meant }])
  })

  it('knows a name from which any one letter is missing, and says nothing of the right ones', () => {
    expect(misspeltSettings(Object.fromEntries(names.map((name) => [name, 'value'])))).toEqual([])
    for (const meant of names.filter((name) => !['PORT', 'HOST'].includes(name))) {
      for (let at = 0; at < meant.length; at++) {
        const given = meant.slice(0, at) + meant.slice(at + 1)
        expect(misspeltSettings({ [given]: '' })).toEqual([{ given, meant }])
      }
    }
  })

  it('says nothing of a usual environment', () => {
    const usual = `HOME HOSTNAME HOSTS HOSTTYPE PORTS POST PATH PWD OLDPWD USER USERNAME LOGNAME MAIL SHELL SHLVL TERM
      LANG LANGUAGE LC_ALL EDITOR VISUAL PAGER DISPLAY TZ TMPDIR TEMP TMP PS1 BASH_ENV BASH_VERSION COLORTERM
      SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION SSH_TTY DBUS_SESSION_BUS_ADDRESS XDG_SESSION_ID XDG_SESSION_TYPE
      XDG_RUNTIME_DIR XDG_CONFIG_HOME DESKTOP_SESSION SESSION_MANAGER SESSIONNAME USERDOMAIN USERPROFILE
      COMPUTERNAME LOGONSERVER APPDATA PROCESSOR_LEVEL HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy
      https_proxy no_proxy CI GITHUB_TOKEN GITHUB_BASE_REF GITHUB_SERVER_URL GITHUB_API_URL RUNNER_DEBUG
      CI_SERVER_URL CI_PROJECT_URL CI_API_V4_URL NODE NODE_ENV NODE_OPTIONS NODE_PATH NODE_VERSION NVM_DIR
      YARN_VERSION INIT_CWD npm_command npm_execpath npm_node_execpath npm_package_name npm_lifecycle_event
      npm_config_cache npm_config_loglevel npm_config_noproxy npm_config_proxy npm_config_registry
      npm_config_user_agent npm_config_userconfig KUBERNETES_SERVICE_HOST KUBERNETES_PORT KUBERNETES_SERVICE_PORT
      LAIR_PORT LAIR_SERVICE_HOST DATABASE_URL REDIS_URL REDIS_TLS_URL SITE_URL API_URL APP_BASE_URL PUBLIC_URL
      AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_ACCESS_KEY_ID GOOGLE_CLOUD_PROJECT WEB_CONCURRENCY
      DYNO INVOCATION_ID JOURNAL_STREAM MEMORY_LIMIT CHROMIUM_PATH REQUIRE_BROWSER DEBUG FORCE_COLOR NO_COLOR
      OKTA_CLIENT_ORGURL OKTA_CLIENT_TOKEN OKTA_CLIENT_SCOPES OKTA_CLIENT_PRIVATEKEY OKTA_DOMAIN ISSUER_BASE_URL
      CLIENT_ID CLIENT_SECRET SECRET`
    expect(misspeltSettings(Object.fromEntries(usual.split(/\s+/).map((name) => [name, 'value'])))).toEqual(
      [],
    )
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
