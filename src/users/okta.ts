/**
 * A `UserDirectory` that asks Okta's Users API each time, through the Okta SDK; the only importer of the SDK.
 * It bounds what the SDK leaves open: time, size, redirects, retries and the SDK's cache, which never expires.
 */
import { type AgentOptions, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Client } from '@okta/okta-sdk-nodejs'
import type ConfigLoaderModule from '@okta/okta-sdk-nodejs/src/config-loader.js'
import { DirectoryUnavailable, type User, type UserDirectory, UserNotFound } from './directory.js'

const TIMEOUT_MS = 2000
const MAX_BYTES = 256 * 1024

/** Okta's ids are 20 letters and digits. "me" is an alias: it would answer with the owner of the API token. */
const USER_ID = /^(?!me$)[A-Za-z0-9_-]{1,100}$/

/** Leaves secrets out of the answer. https://developer.okta.com/docs/reference/api/users/#content-type-header-fields */
const CONTENT_TYPE = 'application/json; okta-response=omitCredentials,omitCredentialsLinks'

interface OktaDirectory extends UserDirectory {
  /** Closes the connections to Okta. */
  close(): void
}

/**
 * @param okta.orgUrl origin of the org, e.g. `https://dev-123456.okta.com`
 * @param okta.apiToken sent as `Authorization: SSWS …` to that origin only
 */
export function createOktaDirectory(okta: { orgUrl: string; apiToken: string }): OktaDirectory {
  const keepAlive: AgentOptions = { keepAlive: true, maxSockets: 50 }
  const agent = okta.orgUrl.startsWith('https:') ? new HttpsAgent(keepAlive) : new HttpAgent(keepAlive)
  let client: Promise<Client> | undefined

  async function createClient(): Promise<Client> {
    // Imported when it is first needed: it takes most of a second and 90 MB.
    const { Client, RequestExecutor } = await import('@okta/okta-sdk-nodejs')
    ignoreStrayConfiguration((await import('@okta/okta-sdk-nodejs/src/config-loader.js')).default)
    class BoundedExecutor extends RequestExecutor {
      override fetch(request: object) {
        return super.fetch(
          Object.assign(request, {
            agent,
            redirect: 'error', // following one would carry the token along
            size: MAX_BYTES,
            signal: AbortSignal.timeout(TIMEOUT_MS),
          }),
        )
      }
    }
    return new Client({
      orgUrl: okta.orgUrl,
      token: okta.apiToken,
      authorizationMode: 'SSWS',
      requestExecutor: new BoundedExecutor(),
      // The SDK's type does not know that null means "no cache" (okta-sdk-nodejs#242).
      cacheMiddleware: null as never,
    })
  }

  return {
    async find(id) {
      if (!USER_ID.test(id)) throw new UserNotFound('The subject cannot be the id of an Okta user')
      client ??= createClient().catch((error) => {
        client = undefined // the next call tries again
        throw error
      })
      try {
        const { userApi } = await client
        return toUser(await userApi.getUser({ userId: id, contentType: CONTENT_TYPE }), id)
      } catch (error) {
        if (isUnknownUser(error)) throw new UserNotFound('Okta has no such user', { cause: error })
        throw new DirectoryUnavailable('The Users API did not answer', { cause: error })
      }
    },
    close: () => agent.destroy(),
  }
}

/** The SDK merges ./okta.yaml, ~/.okta/okta.yaml and OKTA_CLIENT_* into what it is given, or fails over them. */
function ignoreStrayConfiguration({ ConfigLoader }: typeof ConfigLoaderModule): void {
  ConfigLoader.prototype.applyDefaults = () => undefined
}

function isUnknownUser(error: unknown): boolean {
  const { status, errorCode } = error as { status?: number; errorCode?: string }
  return status === 404 && errorCode === 'E0000007'
}

/** Takes nothing on trust: the answer may be any JSON at all. */
function toUser(answer: unknown, id: string): User {
  const record = (typeof answer === 'object' ? answer : null) as Record<string, unknown> | null
  const profile = record?.profile as Record<string, unknown> | null | undefined
  const text = (value: unknown) => (typeof value === 'string' && value.trim() !== '' ? value : null)
  const status = text(record?.status)
  if (record?.id !== id || status === null || typeof profile !== 'object' || profile === null) {
    throw new Error('The Users API answered with something that is not the user asked for')
  }
  return {
    id,
    status,
    firstName: text(profile.firstName),
    lastName: text(profile.lastName),
    login: text(profile.login),
    email: text(profile.email),
    lastLogin: toDate(record.lastLogin),
  }
}

function toDate(value: unknown): Date | null {
  const date = value instanceof Date ? value : new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date
}
