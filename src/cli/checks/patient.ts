/** What the checks look at: the settings, and Okta. A part is made, or asked for, when a check first needs it, and once. */
import { type Environment, loadConfig, withBaseUrl } from '../../config.js'
import { createLog } from '../../log.js'
import { GROUPS_SCOPE } from '../../okta/access-tokens.js'
import { createAuthorizationServer } from '../../okta/authorization-server.js'
import { OktaFailure } from '../../okta/failure.js'
import { fetchDocument } from '../../okta/fetch.js'
import { isUserId } from '../../okta/id-token.js'
import { createOktaApi } from '../okta-api.js'
import { credentialsOf } from './credentials.js'
import { askToSignIn } from './sign-in-request.js'

/** How long one call may take. The longest chain of checks makes four calls, one after the other. */
const CALL_MS = 2500

export interface PatientParts {
  env: Environment
  /** Milliseconds since the epoch. */
  now: () => number
  /** The version of Node.js, such as `20.19.0`. */
  nodeVersion: string
}

export type Patient = ReturnType<typeof createPatient>

export function createPatient({ env, now, nodeVersion }: PatientParts) {
  /** @throws {ConfigError} */
  const config = once(() => withBaseUrl(loadConfig(env)))
  let closeIssuer = () => {}
  const issuer = once(() => {
    const server = createAuthorizationServer(config().oktaIssuer, createLog({ logLevel: 'silent' }), now)
    closeIssuer = server.close
    return server
  })
  async function apiFor(scope?: string) {
    const authorization = await credentialsOf(config()).authorization(scope)
    return createOktaApi(config().oktaOrgUrl, authorization, { callMs: CALL_MS, waits: false })
  }
  const api = once(() => apiFor())
  const users = once(async () => (await api()).list('/api/v1/users?limit=1'))

  return {
    env,
    now,
    nodeVersion,
    config,
    issuer,
    api,
    /** The API, for what concerns groups. */
    groupsApi: once(() => apiFor(GROUPS_SCOPE)),
    /** An answer of the org, which needs no credentials. */
    org: once(() => answerOf(config().oktaOrgUrl)),
    /** Okta's answer to a request to sign in. */
    signInAnswer: once(() => askToSignIn(config(), issuer())),
    /** The users that the credentials may see: the first one, or none. */
    users,
    /** A user by id, the call that the app makes; `undefined` if the credentials see no user. */
    user: once(async () => {
      const [first] = await users()
      return isUserId(first?.id) ? (await api()).call('GET', `/api/v1/users/${first.id}`) : undefined
    }),
    /** The app integration. Its id in the management API is the client id. */
    app: once(async () => {
      return (await api()).object(`/api/v1/apps/${encodeURIComponent(config().oktaClientId)}`)
    }),
    /** Ends what runs in the background. */
    close: () => closeIssuer(),
  }
}

/** Okta's own path, which tells Okta from other providers. */
const AUTHORIZE = /\/oauth2\/v1\/authorize$/

/** Every org has both documents. A stand-in, or a proxy in front, may know one only. */
async function answerOf(orgUrl: string): Promise<Response> {
  const metadata = `${orgUrl}/.well-known/openid-configuration`
  const both = [organizationAt(orgUrl), textIn(metadata, 'authorization_endpoint', AUTHORIZE)]
  try {
    return (await Promise.any(both)).response
  } catch (error) {
    throw (error as AggregateError).errors[0]
  }
}

/**
 * The org's id, which everybody may read.
 * @param url of the org, or of one of its custom domains
 * @throws {OktaFailure}
 */
export function organizationAt(url: string) {
  return textIn(`${url}/.well-known/okta-organization`, 'id', /^\w+$/)
}

async function textIn(url: string, member: string, pattern: RegExp) {
  const { document, response } = await fetchDocument(url)
  const text = String(document[member] ?? '')
  if (pattern.test(text)) return { text, response }
  throw new OktaFailure('bad-answer', 'Okta answered with JSON about something else')
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
