/**
 * express-openid-connect, which does the protocol, behind three promises. The library is made as middleware: it reads a
 * request, sets cookies, redirects, and hands errors to `next`. Here each task gets a request and a response of its own,
 * made for the library alone. So nothing of the browser's request but the callback's query reaches the library, and what
 * it would have sent is the result of the promise. A later `next(error)` rejects the promise.
 */
import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { auth, type ConfigParams } from 'express-openid-connect'
import type { AppConfig } from '../config.js'
import type { AuthorizationServer } from '../okta/authorization-server.js'
import type { OktaFailure } from '../okta/failure.js'
import { USER_AGENT } from '../okta/fetch.js'

/** A sign-in that has begun. */
export interface Begun {
  /** Where the browser goes now. */
  location: string
  /** Names the sign-in; Okta sends it back with its answer. */
  state: string
  /** What the browser must bring back for `finish`, signed. It holds nonce and PKCE verifier. */
  value: string
}

/** What Okta gave for the code. The library has checked issuer, audience and nonce of the ID token, not its signature. */
export interface Finished {
  idToken: string
  accessToken: string | undefined
  /** The `session_expiry` claim, in seconds since the epoch. */
  sessionExpiresAt: number | undefined
  returnTo: string
}

export interface OpenIdConnect {
  /**
   * @param options.returnTo path at which the sign-in ends
   * @throws {OktaFailure} the authorization server is not known
   */
  begin(options: { returnTo: string; prompt?: 'login' | undefined }): Promise<Begun>
  /**
   * Redeems the code of a callback. The same callback twice at once, as a browser that reloads sends it, is redeemed once.
   * @param query of the callback, with its question mark
   * @param value of `begin`, as the browser brought it back
   * @throws {OktaFailure} Okta could not be asked
   * @throws the library's error, which has Okta's `error` and `error_description`
   */
  finish(query: string, value: string): Promise<Finished>
  /** @returns where the browser goes so that Okta ends its session; Okta wants the ID token as a hint */
  endAtOkta(idToken: string): Promise<string>
}

/** The library knows one transaction cookie; `transactions.ts` keeps one for each sign-in. */
const TRANSACTION = 'transaction'

/** Where the sign-in with this `state` was to end; whoever wrote the URL may have made it up. */
export function returnToOf(state: string): string | undefined {
  try {
    const { returnTo } = JSON.parse(Buffer.from(state, 'base64url').toString())
    return typeof returnTo === 'string' ? returnTo : undefined
  } catch {
    return undefined
  }
}

export function createOpenIdConnect(config: AppConfig, server: AuthorizationServer): OpenIdConnect {
  const redirectUri = `${config.baseUrl}/callback`
  const underWay = new Map<string, Promise<Finished>>()
  /** How Okta failed in the exchange of a code, by code. The library's own error does not say it. */
  const failures = new Map<string, OktaFailure>()
  let library: RequestHandler | undefined

  /** What the library asks for: the metadata, which the server has already, or tokens. */
  async function fetchForLibrary(input: string | URL | globalThis.Request, init?: RequestInit) {
    if (String(input) === server.discoveryUrl) return Response.json(await server.metadata())
    try {
      return await server.requestTokens(String(input), init)
    } catch (error) {
      failures.set(codeIn(String(init?.body)), error as OktaFailure)
      throw error
    }
  }

  /**
   * @param request what the library may know
   * @param task asks the library
   * @returns where it redirects to, and the value of the transaction cookie that it sets
   */
  async function ask(request: LibraryRequest, task: (res: Response) => Promise<void>) {
    await server.metadata()
    library ??= auth(optionsFor(config, redirectUri, fetchForLibrary)) // checks its options for 20 ms: not at the start
    return new Promise<{ location: string; value: string }>((resolve, reject) => {
      let value = ''
      const response = {
        cookie(_name: string, text: string) {
          value = text
        },
        clearCookie: () => undefined,
        redirect: (location: string) => resolve({ location, value }),
        writeHead: () => undefined, // the library adds its session cookie when it is called, which is never
      } as unknown as Response
      library?.(request as unknown as Request, response, (error?: unknown) => {
        if (error) return reject(error)
        const noAnswer = () => reject(new Error('express-openid-connect gave no answer'))
        task(response).then(() => setImmediate(noAnswer), reject) // Express, too, hands errors on with setImmediate
      })
    })
  }

  async function redeem(query: string, value: string): Promise<Finished> {
    const code = codeIn(query)
    try {
      const request = libraryRequest(`${redirectUri}${query}`, `${TRANSACTION}=${encodeURIComponent(value)}`)
      await ask(request, (res) => res.oidc.callback({ redirectUri }))
      if (!request.finished) throw new Error('express-openid-connect finished without tokens')
      return request.finished
    } catch (error) {
      throw failures.get(code) ?? error
    } finally {
      failures.delete(code)
    }
  }

  return {
    async begin({ returnTo, prompt }) {
      const request = libraryRequest(config.baseUrl)
      const options = { returnTo, ...(prompt && { authorizationParams: { prompt } }) }
      const { location, value } = await ask(request, (res) => res.oidc.login(options))
      return { location, value, state: new URL(location).searchParams.get('state') ?? '' }
    },
    finish(query, value) {
      const callback = `${value} ${query}`
      const answer = underWay.get(callback) ?? redeem(query, value).finally(() => underWay.delete(callback))
      underWay.set(callback, answer)
      return answer
    },
    async endAtOkta(idToken) {
      const request = libraryRequest(config.baseUrl)
      const logoutParams = { id_token_hint: idToken }
      return (await ask(request, (res) => res.oidc.logout({ logoutParams }))).location
    },
  }
}

/** The part of Express's request that the library reads. */
interface LibraryRequest {
  method: 'GET'
  url: string
  originalUrl: string
  protocol: string
  hostname: string
  get(header: string): string | undefined
  /** Left here by `afterCallback`. */
  finished?: Finished
}

function libraryRequest(target: string, cookies?: string): LibraryRequest {
  const { protocol, hostname, pathname, search } = new URL(target)
  const url = pathname + search
  const get = (header: string) => (header === 'cookie' ? cookies : undefined)
  return { method: 'GET', url, originalUrl: url, protocol: protocol.slice(0, -1), hostname, get }
}

function codeIn(parameters: string): string {
  return new URLSearchParams(parameters).get('code') ?? ''
}

/** Every option whose default would be unsafe or would come from the environment. */
function optionsFor(config: AppConfig, redirectUri: string, fetchForLibrary: typeof fetch): ConfigParams {
  return {
    issuerBaseURL: config.oktaIssuer,
    clientID: config.oktaClientId,
    clientSecret: config.oktaClientSecret,
    clientAuthMethod: 'client_secret_basic',
    baseURL: config.baseUrl,
    secret: config.secretKeys,
    authorizationParams: {
      response_type: 'code', // with PKCE S256; the default is the implicit flow
      scope: 'openid profile email',
      redirect_uri: redirectUri,
    },
    idTokenSigningAlg: 'RS256',
    authRequired: false,
    routes: { login: false, logout: false, callback: false, postLogoutRedirect: '/' },
    idpLogout: true,
    auth0Logout: false,
    useMtls: false,
    enableTelemetry: false, // the default tells Okta our versions
    httpUserAgent: USER_AGENT,
    httpTimeout: 5000,
    customFetch: fetchForLibrary,
    legacySameSiteCookie: false,
    transactionCookie: { name: TRANSACTION, sameSite: 'Lax' },
    getLoginState: (_req, { returnTo }) => ({
      id: randomBytes(16).toString('base64url'), // the library's own state is the same for everybody
      returnTo,
    }),
    async afterCallback(req, _res, session, state) {
      const finished: Finished = {
        idToken: session.id_token,
        accessToken: session.access_token,
        sessionExpiresAt: session.sessionExpiresAt,
        returnTo: state.returnTo,
      }
      Object.assign(req, { finished })
      return session
    },
  }
}
