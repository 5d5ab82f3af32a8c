/**
 * A `UserDirectory` that asks Okta's Users API each time, through the Okta SDK. Only this file imports the SDK. By
 * default the SDK has no limits for time and size, follows redirects with the token, waits until a rate limit is over,
 * and caches users for ever. This file turns all of that off. It does not use the SDK's mode for service apps, either:
 * that mode hides the errors of the token endpoint.
 */
import type { Client } from '@okta/okta-sdk-nodejs'
import type ConfigLoaderModule from '@okta/okta-sdk-nodejs/src/config-loader.js'
import type { ApiCredentials } from '../okta/api-credentials.js'
import { OktaFailure } from '../okta/failure.js'
import { isUserId } from '../okta/id-token.js'
import { askTwice } from './ask-twice.js'
import { createOktaGroups } from './okta-groups.js'
import { dateIn, profileOf, type User, UserNotFound } from './user.js'

/** Asks Okta to leave secrets out of the answer. https://developer.okta.com/docs/reference/api/users/#content-type-header-fields */
const CONTENT_TYPE = 'application/json; okta-response=omitCredentials,omitCredentialsLinks'

/** The most users that Okta lists in one answer. */
const MAX_FOUND = 200

/**
 * @param orgUrl origin of the org, e.g. `https://dev-123456.okta.com`
 * @param credentials sent to that origin only
 * @param groupNames the groups that pages ask for. While there are none, nobody's groups are read
 */
export function createOktaUsers(
  orgUrl: string,
  credentials: ApiCredentials,
  groupNames: ReadonlySet<string> = new Set(),
) {
  const groupsOf = createOktaGroups(orgUrl, credentials, groupNames)
  let client: Promise<Client> | undefined

  function ready(): Promise<Client> {
    client ??= createClient(orgUrl, credentials).catch((error) => {
      client = undefined // the next call tries again
      throw error
    })
    return client
  }

  async function userOf(id: string): Promise<User> {
    const { userApi } = await ready()
    try {
      return toUser(await userApi.getUser({ userId: id, contentType: CONTENT_TYPE }), id)
    } catch (error) {
      if (isUnknownUser(error)) throw new UserNotFound('Okta has no such user', { cause: error })
      if (error instanceof OktaFailure) throw error
      const message = 'The Users API answered with something that is not a user'
      throw new OktaFailure('bad-answer', message, { cause: error })
    }
  }

  return {
    /** Loads the SDK if it is not loaded. That takes most of a second, in which the process does nothing else. */
    load: ready,
    /** See `UserDirectory`. */
    async find(id: string): Promise<User> {
      if (!isUserId(id)) throw new UserNotFound('The subject cannot be the id of an Okta user')
      if (groupNames.size === 0) return userOf(id)
      await ready() // only then Okta's time begins
      const [user, groups] = await Promise.all([userOf(id), groupsOf(id)])
      return { ...user, groups }
    },
    /**
     * The ids of all users with this e-mail address, whatever the state of their accounts. Okta's search ignores case,
     * and may be some seconds behind. It needs no SDK, so that the first call does not have to load it.
     * @throws {OktaFailure}
     */
    async idsByEmail(email: string): Promise<string[]> {
      const search = encodeURIComponent(`profile.email eq ${JSON.stringify(email)}`)
      const url = `${orgUrl}/api/v1/users?search=${search}&limit=${MAX_FOUND}`
      const response = await askTwice({ url, headers: { 'Content-Type': CONTENT_TYPE } }, credentials)
      try {
        return toIds(response, await response.json(), email)
      } catch (error) {
        const message = 'The Users API answered with something that is not a list of these users'
        throw new OktaFailure('bad-answer', message, { cause: error })
      }
    },
  }
}

async function createClient(orgUrl: string, credentials: ApiCredentials): Promise<Client> {
  // Imported only when the app needs it first: the SDK takes most of a second and 90 MB.
  const { Client, RequestExecutor } = await import('@okta/okta-sdk-nodejs')
  ignoreStrayConfiguration((await import('@okta/okta-sdk-nodejs/src/config-loader.js')).default)
  class BoundedExecutor extends RequestExecutor {
    override fetch(request: object) {
      return askTwice(request as SdkRequest, credentials) as never // the SDK accepts any response like that of `fetch`
    }
  }
  return new Client({
    orgUrl,
    token: 'none', // the SDK wants one; `credentials` replaces it
    authorizationMode: 'SSWS',
    requestExecutor: new BoundedExecutor(),
    // The SDK's type does not know that null means "no cache" (okta-sdk-nodejs#242).
    cacheMiddleware: null as never,
  })
}

/** By default the SDK merges ./okta.yaml, ~/.okta/okta.yaml and OKTA_CLIENT_* into its options, or fails over them. */
function ignoreStrayConfiguration({ ConfigLoader }: typeof ConfigLoaderModule): void {
  ConfigLoader.prototype.applyDefaults = () => undefined
}

type SdkRequest = Parameters<typeof askTwice>[0]

function isUnknownUser(error: unknown): boolean {
  const { status, errorCode } = Object(error) as { status?: number; errorCode?: string }
  return status === 404 && errorCode === 'E0000007'
}

/** Checks every field, because the answer may be any JSON. */
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
    ...profileOf((field) => text(profile[field])),
    lastLogin: dateIn(record.lastLogin),
    lastKnownAt: null,
  }
}

/** Checks everything, because the answer may be any JSON. */
function toIds({ status, headers }: Response, answer: unknown, email: string): string[] {
  const isWhole = status === 200 && Array.isArray(answer) && !/rel="?next/.test(headers.get('link') ?? '')
  if (!isWhole) throw new Error('Not a whole list')
  return answer.map((record) => {
    const { id, profile } = Object(record) as { id?: unknown; profile?: unknown }
    const { email: other } = Object(profile) as { email?: unknown }
    if (!isUserId(id) || String(other).toLowerCase() !== email.toLowerCase())
      throw new Error('Not a user with this e-mail address')
    return id
  })
}
