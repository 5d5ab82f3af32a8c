/** express-openid-connect, set up: every option whose default would be unsafe or would come from the environment. */
import { randomBytes } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { auth, type ConfigParams } from 'express-openid-connect'
import type { AppConfig } from '../config.js'
import { USER_AGENT } from '../okta/fetch.js'
import type { Session } from '../sessions/session.js'
import { LAIR, returnPath } from './return-path.js'

/** What Okta answered when it was shown the code. */
export interface Tokens {
  idToken: string
  accessToken: string | undefined
  /** The `session_expiry` claim, in seconds since the epoch. */
  sessionExpiresAt: number | undefined
}

export interface LibraryHooks {
  sessionCookie: string
  transactionCookie: string
  redirectUri: string
  fetch: typeof fetch
  /** Decides what becomes of a sign-in that the library is content with; what it throws refuses it. */
  onTokens(req: Request, res: Response, tokens: Tokens, returnTo: string): Promise<Session>
}

/** The library's middleware. It checks its own options for some 20 ms: not while the app starts. */
export function createLibrary(config: AppConfig, hooks: LibraryHooks): RequestHandler {
  let middleware: RequestHandler | undefined
  return function library(req, res, next) {
    middleware ??= auth(optionsFor(config, hooks))
    middleware(req, res, next)
  }
}

function optionsFor(config: AppConfig, hooks: LibraryHooks): ConfigParams {
  const { baseUrl } = config
  return {
    issuerBaseURL: config.oktaIssuer,
    clientID: config.oktaClientId,
    clientSecret: config.oktaClientSecret,
    clientAuthMethod: 'client_secret_basic',
    baseURL: baseUrl,
    secret: config.secretKeys,
    authorizationParams: {
      response_type: 'code', // with PKCE S256; the default is the implicit flow
      scope: 'openid profile email',
      redirect_uri: hooks.redirectUri,
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
    customFetch: hooks.fetch,
    legacySameSiteCookie: false,
    session: {
      name: hooks.sessionCookie,
      rollingDuration: config.sessionIdleSeconds,
      absoluteDuration: false, // the library would go on counting from an earlier sign-in: `sign-in.ts` counts
      cookie: { httpOnly: true, sameSite: 'Lax', secure: baseUrl.startsWith('https:') },
    },
    transactionCookie: { name: hooks.transactionCookie, sameSite: 'Lax' },
    getLoginState: (_req, options) => ({
      id: randomBytes(16).toString('base64url'), // the default is the same for everybody
      returnTo: returnPath(options.returnTo ?? LAIR, baseUrl),
    }),
    async afterCallback(req, res, session, state) {
      const tokens: Tokens = {
        idToken: session.id_token,
        accessToken: session.access_token,
        sessionExpiresAt: session.sessionExpiresAt,
      }
      // The library's type lists the tokens that it would keep; nothing but our own session goes into the cookie.
      return (await hooks.onTokens(req, res, tokens, state.returnTo)) as unknown as typeof session
    },
  }
}
