/** The table of all settings. A test compares it with README and `.env.example`. */
import { secretKeys } from './secret-keys.js'
import * as values from './setting-values.js'

const OF_THE_APP = {
  doc: 'of the app integration',
  remedy: 'Admin Console: Applications > your app > General.',
}

const API_KEY = 'OKTA_API_PRIVATE_KEY'
const SERVICE_APP = {
  doc: 'instead of the API token: a service app with the scope `okta.users.read`, and its private key: RSA, as PEM (line breaks may be `\\n`) or as a JWK. With both ways given, the service app wins',
  default: 'off',
  remedy: 'Admin Console: Applications > your service app > General.',
}

/** In the order in which `loadConfig` reads them. */
export const SETTINGS = {
  oktaOrgUrl: setting('OKTA_ORG_URL', values.origin, values.required, {
    doc: 'your Okta domain; not the `-admin` host, no path',
    remedy: 'Such as https://dev-123456.okta.com. Admin Console: the menu under your name, top right.',
  }),
  oktaClientId: setting('OKTA_CLIENT_ID', values.token, values.required, OF_THE_APP),
  oktaClientSecret: setting('OKTA_CLIENT_SECRET', values.token, values.required, {
    ...OF_THE_APP,
    secret: true,
  }),
  oktaApiToken: setting('OKTA_AUTH_TOKEN', values.token, values.requiredWithoutServiceApp, {
    doc: 'API token for the Users API',
    default: 'required, unless the next two are given',
    remedy: 'Admin Console: Security > API > Tokens > Create token.',
    secret: true,
  }),
  oktaApiClientId: setting('OKTA_API_CLIENT_ID', values.token, values.goesWith(API_KEY), SERVICE_APP),
  oktaApiPrivateKey: setting(API_KEY, values.privateKey, values.goesWith('OKTA_API_CLIENT_ID'), {
    ...SERVICE_APP,
    secret: true,
  }),
  secretKeys: setting('SECRET_KEY', secretKeys, values.required, {
    doc: 'at least 32 characters that nobody can guess; several separated by commas: the first signs, all are accepted',
    remedy: 'One key, or several separated by commas. Generate one: openssl rand -base64 32',
    secret: true,
  }),
  oktaIssuer: setting('OKTA_ISSUER', values.issuer, ({ oktaOrgUrl }) => `${oktaOrgUrl}/oauth2/default`, {
    doc: "the authorization server: a custom one, or the org's own (`https://ORG`)",
    default: '`OKTA_ORG_URL/oauth2/default`',
    remedy: 'Admin Console: Security > API > Authorization Servers > Issuer URI; or your Okta domain.',
  }),
  baseUrl: setting('BASE_URL', values.origin, undefined, {
    doc: 'where browsers reach the app; all URLs are built from it alone',
    default: '`http://localhost:PORT`',
    remedy: 'Such as https://lair.example.com.',
  }),
  port: setting('PORT', values.wholeNumber(0, 65_535), 3000, {
    doc: 'port to listen on; when unset, `npm run dev` with the local Okta takes the next free one',
  }),
  host: setting('HOST', values.address, ({ baseUrl }) => values.hostFor(baseUrl), {
    doc: 'address to listen on',
    default: 'loopback when `BASE_URL` is a loopback host, else all addresses',
  }),
  trustProxy: setting('TRUST_PROXY', values.trustProxy, ({ baseUrl }) => values.noProxy(baseUrl), {
    doc: 'proxies in front: their number, `loopback`, addresses or CIDRs, or `0` for none; never `true`',
    default: 'off; required when `BASE_URL` is https',
    remedy: 'The number of proxies in front, or their addresses: 1, loopback, 10.0.0.0/8. Or 0 for none.',
  }),
  userCacheSeconds: setting('USER_CACHE_SECONDS', values.seconds, 60, {
    doc: 'how long an Okta user record counts as current; refreshed in the background from half of it on. A suspended account is out within this time',
  }),
  userStaleSeconds: setting('USER_STALE_SECONDS', values.seconds, 300, {
    doc: 'how much longer the last-known record may serve while Okta cannot be asked',
  }),
  sessionIdleSeconds: setting('SESSION_IDLE_SECONDS', values.seconds, 3600, {
    doc: 'a session ends this long after its last use',
  }),
  sessionMaxSeconds: setting('SESSION_MAX_SECONDS', values.seconds, 43_200, {
    doc: 'a session ends this long after sign-in',
  }),
  signInLimitPerMinute: setting('SIGN_IN_LIMIT_PER_MINUTE', values.wholeNumber(1, 1_000_000), 300, {
    doc: 'sign-ins that one address may start or finish before it gets 429',
  }),
  lairGroups: setting('LAIR_GROUPS', values.names, undefined, {
    doc: 'names of Okta groups, separated by commas: the lair is for members of any of them',
    default: 'off: for everybody who may sign in',
    remedy: 'Such as Lair keepers, Thundercats. Admin Console: Directory > Groups.',
  }),
  redisUrl: setting('REDIS_URL', values.redisUrl, undefined, {
    doc: 'Redis 6.2 or later, or Valkey, that several instances share: `redis://` or `rediss://`, with user, password and database if needed',
    remedy: 'Such as rediss://user:password@redis.example.com:6379.',
    secret: true,
  }),
  metricsPort: setting('METRICS_PORT', values.wholeNumber(1, 65_535), undefined, {
    doc: "serves `/metrics` in Prometheus' text format on a port of its own; see docs/metrics.md",
  }),
  metricsHost: setting('METRICS_HOST', values.address, '127.0.0.1', { doc: 'address of the metrics' }),
  logLevel: setting('LOG_LEVEL', values.logLevel, 'info', { doc: values.LOG_LEVELS.join(', ') }),
}

/** What the default of a setting may depend on: earlier settings, and whether the environment has another one. */
type Context = { oktaOrgUrl: string; baseUrl: string | undefined; isGiven: values.IsGiven }

/**
 * One row of the table.
 * @param fallback the value when the environment has none, or a function that makes it
 * @param words.default the fallback in words; by default the fallback itself
 * @param words.remedy where the operator finds the value, or what it should be; if left out, it names the default
 * @param words.secret whether nobody may see the value
 */
function setting<Value>(
  name: string,
  parse: (value: string) => Value,
  fallback: Value | ((context: Context) => Value),
  words: { doc: string; default?: string; remedy?: string; secret?: boolean },
) {
  const isRequired = fallback === values.required || fallback === values.requiredWithoutServiceApp
  const byDefault = words.default ?? (isRequired ? 'required' : String(fallback ?? 'off'))
  const remedy = words.remedy ?? `Default: ${byDefault.replaceAll('`', '')}.`
  const otherwise =
    typeof fallback === 'function' ? (fallback as (context: Context) => Value) : () => fallback
  const { doc, secret = false } = words
  return { name, parse, otherwise, isRequired, doc, default: byDefault, remedy, secret }
}
