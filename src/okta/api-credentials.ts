/** How the app identifies itself to Okta's Users API: by an API token, or by the access tokens of a service app. */
import { once } from 'node:events'
import type { Config } from '../config.js'
import type { Log } from '../log.js'
import { type AccessToken, type AccessTokens, createAccessTokens, type ServiceApp } from './access-tokens.js'
import { networkFailure, OktaFailure } from './failure.js'
import { type Answer, boundedFetch } from './fetch.js'

export interface ApiCredentials {
  /**
   * Sends a request with the header `Authorization`.
   * @param signal ends the call, and also the waiting for an access token
   * @throws {OktaFailure} as `boundedFetch` does, and if Okta does not accept the credentials
   */
  fetch(url: string, init: RequestInit, signal: AbortSignal): Promise<Answer>
  close(): void
}

export type Credentials = Pick<
  Config,
  'oktaOrgUrl' | 'oktaApiToken' | 'oktaApiClientId' | 'oktaApiPrivateKey'
>

/** The service app of the settings. If there is one, it wins over an API token: it has fewer rights. */
export function serviceAppOf(config: Credentials): ServiceApp | undefined {
  const { oktaOrgUrl: orgUrl, oktaApiClientId: clientId, oktaApiPrivateKey: privateKey } = config
  return clientId && privateKey ? { orgUrl, clientId, privateKey } : undefined
}

/**
 * @param now milliseconds since the epoch
 * @param needsGroups whether a page needs groups, for which a service app needs one more right
 */
export function createApiCredentials(
  config: Credentials,
  log: Log,
  now: () => number,
  needsGroups = () => false,
): ApiCredentials {
  const app = serviceAppOf(config)
  return app
    ? byAccessTokens(createAccessTokens(app, log, now, needsGroups), now)
    : byApiToken(String(config.oktaApiToken))
}

function byApiToken(token: string): ApiCredentials {
  return {
    async fetch(url, init, signal) {
      const answer = await send(url, init, signal, `SSWS ${token}`)
      const { status } = answer.response
      if (status === 401) throw new OktaFailure('api-token', 'Okta does not accept the API token', { status })
      if (status === 403) throw new OktaFailure('api-scope', 'The API token may not read users', { status })
      return answer
    },
    close: () => undefined,
  }
}

/** If Okta refuses a token, the app asks for another one, but no more often than this. */
const REPLACE_MS = 5000

const SCOPE_REMEDY =
  'In Okta, grant the scope okta.users.read to the service app (the tab Okta API Scopes), and assign it the role Read-only Administrator (the tab Admin roles)'

function byAccessTokens(tokens: AccessTokens, now: () => number): ApiCredentials {
  let replacedAt = Number.NEGATIVE_INFINITY

  /** Makes room for another token than the one that Okta refused. @returns whether to try again */
  function replace(refused: AccessToken): boolean {
    if (tokens.current() !== refused) return true // another call has done it
    if (Math.abs(now() - replacedAt) < REPLACE_MS) return false
    replacedAt = now()
    tokens.drop()
    return true
  }

  return {
    async fetch(url, init, signal) {
      const timeUp = once(signal, 'abort').then(() => Promise.reject(networkFailure(signal.reason)))
      const ask = async () => {
        const token = await Promise.race([tokens.get(), timeUp])
        return { token, answer: await send(url, init, signal, `Bearer ${token.value}`) }
      }
      let { token, answer } = await ask()
      if (answer.response.status === 401 && replace(token)) ({ answer } = await ask())
      const { status } = answer.response
      if (status === 401)
        throw new OktaFailure('api-credentials', 'Okta does not accept the access token', { status })
      const remedy = SCOPE_REMEDY
      if (status === 403)
        throw new OktaFailure('api-scope', 'The service app may not read users', { status, remedy })
      return answer
    },
    close: tokens.close,
  }
}

function send(url: string, init: RequestInit, signal: AbortSignal, authorization: string): Promise<Answer> {
  const headers = new Headers(init.headers)
  headers.set('Authorization', authorization)
  return boundedFetch(url, { ...init, headers }, signal)
}
