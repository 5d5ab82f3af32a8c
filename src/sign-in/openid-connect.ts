/**
 * OpenID Connect, through express-openid-connect, in three functions that return promises. The library is middleware:
 * it reads a request, sets cookies, redirects, and passes errors to `next`. Here each task gets a request and a
 * response that are made for the library alone. So the library sees nothing of the browser's request but the query of
 * the callback and the transaction cookie. The promise resolves with what the library would send to the browser, or
 * rejects with the error that the library passes to `next`.
 */
import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { auth, type ConfigParams, type LoginOptions } from 'express-openid-connect'
import type { AppConfig } from '../config.js'
import type { AuthorizationServer } from '../okta/authorization-server.js'
import { basicAuthorization } from '../okta/client-authentication.js'
import type { OktaFailure } from '../okta/failure.js'
import { USER_AGENT } from '../okta/fetch.js'
import { cookieSecrets } from '../sessions/sealing.js'
import type { LoginWishes } from './third-party-login.js'

/** What Okta gave for a code. The library has checked issuer, audience and nonce of the ID token, but no signature. */
export interface Tokens {
  idToken: string
  accessToken: string | undefined
  /** The `session_expiry` claim, in seconds since the epoch. */
  sessionExpiresAt: number | undefined
  /** The path to which the browser goes after the sign-in. */
  returnTo: string
  /** When the sign-in began, in milliseconds since the epoch. */
  begunAt: number
  /** When the sign-in began, if the person had to sign in afresh. Seconds since the epoch. */
  freshSince: number | undefined
}

/** What the library did: where it redirects to, the transaction cookie that it sets, what it got for a code. */
type LibraryAnswer = { location: string; transaction: string; tokens: Tokens | undefined }

/** What the app asks Okta for when a person signs in. */
export const SCOPES = ['openid', 'profile', 'email']

/** The library's name for its only transaction cookie. Browsers get one cookie for each sign-in (`transactions.ts`). */
const TRANSACTION = 'transaction'

/** The path that a `state` names for the end of the sign-in. Anybody can make up a `state`, so the path is not safe. */
export function returnToOf(state: string): string | undefined {
  try {
    const { returnTo } = JSON.parse(Buffer.from(state, 'base64url').toString())
    return typeof returnTo === 'string' ? returnTo : undefined
  } catch {
    return undefined
  }
}

/** @param now the clock for the beginning of a sign-in, in milliseconds since the epoch */
export function createOpenIdConnect(
  config: AppConfig,
  authorizationServer: AuthorizationServer,
  now: () => number = () => Date.now(),
) {
  const redirectUri = `${config.baseUrl}/callback`
  /** How Okta failed when the library redeemed a code, by code. The library's own error does not say how. */
  const failures = new Map<string, OktaFailure>()
  let library: RequestHandler | undefined // `auth` takes 20 ms: not at the start

  /** The `state` of a sign-in. The library signs it for its cookie, and compares what Okta sends back. */
  const getLoginState = (_req: Request, { returnTo, authorizationParams }: LoginOptions) => ({
    id: randomBytes(16).toString('base64url'), // the library's own state is the same for everybody
    returnTo,
    begunAt: now(),
    ...(authorizationParams?.max_age === 0 && { freshSince: Math.floor(Date.now() / 1000) }),
  })

  /** The library's `fetch`. For the metadata, which `authorizationServer` has already, it does not ask Okta. */
  async function fetchForLibrary(input: string | URL | globalThis.Request, init?: RequestInit) {
    if (String(input) === authorizationServer.discoveryUrl)
      return Response.json(await authorizationServer.metadata())
    const headers = new Headers(init?.headers)
    headers.set('Authorization', basicAuthorization(config.oktaClientId, config.oktaClientSecret))
    try {
      return await authorizationServer.requestTokens(String(input), { ...init, headers })
    } catch (error) {
      failures.set(codeIn(String(init?.body)), error as OktaFailure)
      throw error
    }
  }

  /**
   * Lets the library do a task.
   * @param query the query of the callback, with its question mark
   * @param transaction the cookie that the library set when the sign-in began
   */
  async function ask(task: (oidc: Response['oidc']) => Promise<void>, query = '', transaction = '') {
    await authorizationServer.metadata()
    library ??= auth({ ...optionsFor(config, redirectUri, fetchForLibrary), getLoginState })
    const { protocol, hostname, pathname } = new URL(redirectUri)
    const url = pathname + query
    const cookies = `${TRANSACTION}=${encodeURIComponent(transaction)}`
    const get = (header: string) => (header === 'cookie' ? cookies : undefined)
    const answer: LibraryAnswer = { location: '', transaction: '', tokens: undefined }
    const target = { method: 'GET', url, originalUrl: url, protocol: protocol.slice(0, -1), hostname }
    const req = { ...target, get, answer }
    return new Promise<LibraryAnswer>((resolve, reject) => {
      const res = {
        cookie: (_name: string, transaction: string) => Object.assign(answer, { transaction }),
        clearCookie: () => undefined,
        redirect: (location: string) => resolve({ ...answer, location }),
        writeHead: () => undefined, // the library wraps it to add its session cookie; nobody calls it
      } as unknown as Response
      library?.(req as unknown as Request, res, (error?: unknown) => {
        if (error) return reject(error)
        const noAnswer = () => reject(new Error('express-openid-connect gave no answer'))
        task(res.oidc).then(() => setImmediate(noAnswer), reject) // Express passes errors on with setImmediate, too
      })
    })
  }

  return {
    /**
     * Begins a sign-in.
     * @param options.returnTo the path to which the browser goes after the sign-in
     * @param options.fresh whether the person must sign in at Okta afresh, even if Okta has a session for them
     * @param options.loginHint who will probably sign in
     * @returns `location`, the URL at Okta; `state`, which Okta sends back; and `transaction`, which the browser must
     *   bring back for `finish`: nonce and PKCE verifier, signed
     * @throws {OktaFailure} the metadata of the authorization server is not known
     */
    async begin({ returnTo, fresh, loginHint }: LoginWishes & { fresh: boolean }) {
      const authorizationParams = {
        // Some providers ignore `prompt`. With `max_age` Okta sends `auth_time`, which proves a fresh sign-in.
        ...(fresh && { prompt: 'login', max_age: 0 }),
        ...(loginHint !== undefined && { login_hint: loginHint }),
      }
      const { location, transaction } = await ask((oidc) => oidc.login({ returnTo, authorizationParams }))
      return { location, transaction, state: new URL(location).searchParams.get('state') ?? '' }
    },
    /**
     * Redeems the code of a callback.
     * @param query the query of the callback, with its question mark
     * @param transaction the `transaction` of `begin`, as the browser brought it back
     * @throws {OktaFailure} Okta did not answer as it should
     * @throws the library's error, which has Okta's `error` and `error_description`
     */
    async finish(query: string, transaction: string): Promise<Tokens> {
      const code = codeIn(query)
      try {
        const { tokens } = await ask((oidc) => oidc.callback({ redirectUri }), query, transaction)
        if (!tokens) throw new Error('express-openid-connect gave no tokens')
        return tokens
      } catch (error) {
        throw failures.get(code) ?? error
      } finally {
        failures.delete(code)
      }
    },
    /**
     * @returns the URL at which Okta ends its own session. Okta wants the ID token as a hint
     */
    async endAtOkta(idToken: string): Promise<string> {
      return (await ask((oidc) => oidc.logout({ logoutParams: { id_token_hint: idToken } }))).location
    },
  }
}

function codeIn(parameters: string): string {
  return new URLSearchParams(parameters).get('code') ?? ''
}

/** The options of the library: all those whose default would be unsafe or would come from the environment. */
function optionsFor(config: AppConfig, redirectUri: string, fetchForLibrary: typeof fetch): ConfigParams {
  return {
    issuerBaseURL: config.oktaIssuer,
    clientID: config.oktaClientId,
    clientSecret: config.oktaClientSecret,
    clientAuthMethod: 'client_secret_basic',
    baseURL: config.baseUrl,
    secret: cookieSecrets(config),
    authorizationParams: {
      response_type: 'code', // with PKCE S256; by default the library uses the implicit flow
      scope: SCOPES.join(' '),
      redirect_uri: redirectUri,
    },
    idTokenSigningAlg: 'RS256',
    authRequired: false,
    routes: { login: false, logout: false, callback: false, postLogoutRedirect: '/' },
    idpLogout: true,
    auth0Logout: false,
    useMtls: false,
    enableTelemetry: false, // by default the library tells Okta our versions
    httpUserAgent: USER_AGENT,
    customFetch: fetchForLibrary,
    legacySameSiteCookie: false,
    transactionCookie: { name: TRANSACTION, sameSite: 'Lax' },
    async afterCallback(req, _res, session, { returnTo, begunAt, freshSince }) {
      const { id_token: idToken, access_token: accessToken, sessionExpiresAt } = session
      const { answer } = req as unknown as { answer: LibraryAnswer }
      answer.tokens = { idToken, accessToken, sessionExpiresAt, returnTo, begunAt, freshSince }
      return session
    },
  }
}
