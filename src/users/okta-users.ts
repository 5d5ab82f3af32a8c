/**
 * A `UserDirectory` that asks Okta's Users API each time, through the Okta SDK; the only importer of the SDK.
 * It bounds what the SDK leaves open: time, size, redirects, retries and the SDK's cache, which never expires.
 */
import { type AgentOptions, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@okta/okta-sdk-nodejs'
import type ConfigLoaderModule from '@okta/okta-sdk-nodejs/src/config-loader.js'
import { networkFailure, OktaFailure, statusFailure } from '../okta/failure.js'
import { type User, type UserDirectory, UserNotFound } from './user.js'

/** For both tries together, the pause between them included. */
const TIMEOUT_MS = 2000
const MAX_BYTES = 256 * 1024

/** Before the one retry of a call that failed in passing; spread, so that many callers do not come back at once. */
const RETRY_AFTER_MS = { least: 50, spread: 100 }

/** Okta's ids are 20 letters and digits. "me" is an alias: it would answer with the owner of the API token. */
const USER_ID = /^(?!me$)[A-Za-z0-9_-]{1,100}$/

/** Leaves secrets out of the answer. https://developer.okta.com/docs/reference/api/users/#content-type-header-fields */
const CONTENT_TYPE = 'application/json; okta-response=omitCredentials,omitCredentialsLinks'

interface OktaDirectory extends UserDirectory {
  /** Loads the SDK if that has not been done: it takes most of a second, in which nothing else happens. */
  warmUp(): void
  /** Closes the connections to Okta. */
  close(): void
}

/**
 * @param okta.orgUrl origin of the org, e.g. `https://dev-123456.okta.com`
 * @param okta.apiToken sent as `Authorization: SSWS …` to that origin only
 */
export function createOktaDirectory(okta: { orgUrl: string; apiToken: string }): OktaDirectory {
  // No `maxSockets`: node-fetch 2 takes a socket that is handed on at once for an answer cut short (node-fetch#1767).
  const keepAlive: AgentOptions = { keepAlive: true }
  const agent = okta.orgUrl.startsWith('https:') ? new HttpsAgent(keepAlive) : new HttpAgent(keepAlive)
  let client: Promise<Client> | undefined

  async function createClient(): Promise<Client> {
    // Imported when it is first needed: it takes most of a second and 90 MB.
    const { Client, RequestExecutor } = await import('@okta/okta-sdk-nodejs')
    ignoreStrayConfiguration((await import('@okta/okta-sdk-nodejs/src/config-loader.js')).default)
    class BoundedExecutor extends RequestExecutor {
      override async fetch(request: object) {
        const bounds = {
          agent,
          redirect: 'error', // following one would carry the token along
          size: MAX_BYTES,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        }
        const call = () =>
          super.fetch(Object.assign(request, bounds)).then(refuseFailures, refuseNetworkErrors)
        return call().catch(async (failure: OktaFailure) => {
          if (failure.kind !== 'server-error' && failure.kind !== 'unreachable') throw failure
          await sleep(RETRY_AFTER_MS.least + Math.random() * RETRY_AFTER_MS.spread)
          return call()
        })
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

  function ready(): Promise<Client> {
    client ??= createClient().catch((error) => {
      client = undefined // the next call tries again
      throw error
    })
    return client
  }

  return {
    warmUp: () => void ready().catch(() => undefined),
    async find(id) {
      if (!USER_ID.test(id)) throw new UserNotFound('The subject cannot be the id of an Okta user')
      try {
        const { userApi } = await ready()
        return toUser(await userApi.getUser({ userId: id, contentType: CONTENT_TYPE }), id)
      } catch (error) {
        if (isUnknownUser(error)) throw new UserNotFound('Okta has no such user', { cause: error })
        throw error instanceof OktaFailure ? error : unreadable(error)
      }
    },
    close: () => agent.destroy(),
  }
}

interface Answer {
  status: number
  headers: { get(name: string): string | null }
  body: unknown
}

/** A 404 is for the SDK to read: it may say that there is no such user. */
function refuseFailures<T extends Answer>(answer: T): T {
  const { status, headers, body } = answer
  if (status === 200 || status === 404) return answer
  ;(body as Readable).destroy()
  if (status === 401) throw new OktaFailure('api-token', 'Okta does not accept the API token', { status })
  if (status === 403) throw new OktaFailure('api-scope', 'The API token may not read users', { status })
  throw statusFailure(status, headers)
}

/** node-fetch tells what went wrong by `type`. */
function refuseNetworkErrors(error: unknown): never {
  if (Object(error).type !== 'no-redirect') throw networkFailure(error)
  throw new OktaFailure('bad-answer', 'The Users API answered with a redirect', { cause: error })
}

/** The answer came, and could not be read to its end or made no sense. */
function unreadable(error: unknown): OktaFailure {
  const { name, type } = Object(error) as { name?: string; type?: string }
  if (name === 'AbortError' || type === 'system') return networkFailure(error)
  return new OktaFailure('bad-answer', 'The Users API answered with something that is not a user', {
    cause: error,
  })
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
    throw new Error('Not the user asked for')
  }
  return {
    id,
    status,
    firstName: text(profile.firstName),
    lastName: text(profile.lastName),
    login: text(profile.login),
    email: text(profile.email),
    lastLogin: toDate(record.lastLogin),
    lastKnownAt: null,
  }
}

function toDate(value: unknown): Date | null {
  const date = value instanceof Date ? value : new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date
}
