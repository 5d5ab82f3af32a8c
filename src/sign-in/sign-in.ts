/**
 * Signing in and out: /login, /callback, /logout and who a request comes from. express-openid-connect does the
 * protocol; this file says when, and what follows. Nothing outside `auth/` knows that library.
 */
import {
  type CookieOptions,
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express'
import { type AppConfig, isLoopback } from '../config.js'
import type { Log } from '../log.js'
import type { Issuer } from '../okta/authorization-server.js'
import type { OktaFailure } from '../okta/failure.js'
import { verifyIdToken } from '../okta/id-token.js'
import { personFromClaims } from '../sessions/person.js'
import { createSessionOpener } from '../sessions/sealed-session.js'
import { createSession, idTokenOf, type Session } from '../sessions/session.js'
import { holdBack, mayHoldSession, sessionCookieNames } from '../sessions/session-cookie.js'
import { rememberOpened } from '../sessions/session-memo.js'
import { createCurrentSession } from '../sessions/sessions.js'
import { cookiesOf, replaceCookies } from '../web/cookies.js'
import { methodNotAllowed } from '../web/error-pages.js'
import { embeddingRefused, foreignSignOut, signInRequired, tooManySignIns } from '../web/public-error.js'
import { causedElsewhere, onlyLooking, readsPages, wantsToEmbed } from '../web/request-intent.js'
import { sendPage } from '../web/templates.js'
import { createLibrary, type Tokens } from './openid-connect.js'
import { createSignInLimit } from './rate-limit.js'
import { explainLibraryError, signInNotUnderWay } from './refusals.js'
import { LAIR, returnPath } from './return-path.js'
import { createTransactions, type Transaction } from './transactions.js'

export interface SignInParts {
  config: AppConfig
  issuer: Issuer
  log: Log
  /** Called when somebody has been sent to Okta: time to get ready for their return. */
  onDeparture(): void
}

export interface SignIn {
  /**
   * Adds /login, /logout and /callback, and what sets `res.locals.person` for all that comes after them. (As a router of
   * its own it would keep each page waiting for a turn of the event loop: Express leaves one that way.)
   */
  mount(app: Express): void
  /** For a route that needs a person: sends strangers to Okta and back, scripts away with 401. */
  required(): RequestHandler
  /** Ends the session of this request before its time; `reason` is for the log. */
  endSession(req: Request, res: Response, reason: string): void
  /** Turns the library's errors into those that pages can show; to be mounted after the routes. */
  explainErrors(): (error: unknown, req: Request, res: Response, next: NextFunction) => void
}

export function createSignIn({ config, issuer, log, onDeparture }: SignInParts): SignIn {
  const { baseUrl } = config
  const secure = baseUrl.startsWith('https:')
  const prefix = secure ? '__Host-' : ''
  const sessionCookie = `${prefix}lair`
  const transactionCookie = `${prefix}lair-sign-in`
  const redirectUri = `${baseUrl}/callback`

  const current = createCurrentSession({
    cookieName: sessionCookie,
    secure,
    maxSeconds: config.sessionMaxSeconds,
    log,
  })
  const sessionOf = rememberOpened(
    createSessionOpener({
      cookieName: sessionCookie,
      secretKeys: config.secretKeys,
      idleSeconds: config.sessionIdleSeconds,
    }),
  )
  const transactions = createTransactions(transactionCookie, secure)
  const attempt = createSignInLimit(config.signInLimitPerMinute)
  const library = createLibrary(config, {
    sessionCookie,
    transactionCookie,
    redirectUri,
    fetch: issuer.fetch,
    onTokens: finish,
  })

  const verify = Router()
  verify.use(admitCookies, resumeTransaction, library, current.identify)

  function verified(req: Request, res: Response): Promise<void> {
    return new Promise((resolve, reject) => {
      verify(req, res, (error?: unknown) => (error ? reject(error) : resolve()))
    })
  }

  /** Our cookies only, both ways: others' names (`hasOwnProperty`, a third part) confuse the library. */
  function admitCookies(req: Request, res: Response, next: NextFunction): void {
    const names = sessionCookieNames(sessionCookie)
    const isOurs = (name: string) => names.includes(name) || transactions.owns(name)
    replaceCookies(
      req,
      cookiesOf(req).filter(([name]) => isOurs(name)),
    )
    const cookie = res.cookie.bind(res)
    res.cookie = (name: string, value: string, options: CookieOptions = {}) => {
      return isOurs(name) ? cookie(name, value, options) : res // `skipSilentLogin`, which we do not use
    }
    next()
  }

  function resumeTransaction(req: Request, res: Response, next: NextFunction): void {
    if (req.method === 'GET' && req.path === '/callback')
      res.locals.transaction = transactions.resume(req, res)
    next()
  }

  /** Renewing is for pages: what takes its time here must not bring back what another tab has replaced or ended. */
  function renewNothing(_req: Request, res: Response, next: NextFunction): void {
    holdBack(res, sessionCookie, () => !res.locals.signedInNow)
    next()
  }

  /** Sends the browser to Okta; `returnTo` is where it comes back to in the end. */
  async function start(req: Request, res: Response, returnTo: string, prompt?: 'login'): Promise<void> {
    if (wantsToEmbed(req)) throw embeddingRefused()
    const home = new URL(baseUrl).hostname
    const host = hostnameOf(req)
    // A proxy on this machine, which TLS needs, may have changed the name: that would go round in circles.
    const direct = !secure && req.headers['x-forwarded-host'] === undefined
    if (direct && host !== home && isLoopback(host) && isLoopback(home)) {
      // 127.0.0.1 and localhost have different cookies: go on where Okta will send the browser back to.
      return res.redirect(baseUrl + returnPath(req.originalUrl, baseUrl))
    }
    limit(req)
    res.locals.libraryStep = 'login'
    await issuer.ready()
    if (req.oidc === undefined) await verified(req, res)
    transactions.begin(req, res)
    res.once('finish', onDeparture)
    await res.oidc.login({ returnTo, ...(prompt && { authorizationParams: { prompt } }) })
  }

  function limit(req: Request): void {
    const wait = attempt(req.ip ?? '')
    if (wait !== undefined) throw tooManySignIns(wait)
  }

  async function login(req: Request, res: Response): Promise<void> {
    // A script on another site would only use up the sign-ins of this address.
    if (causedElsewhere(req, baseUrl) && !readsPages(req)) throw signInRequired()
    const prompt = req.query.prompt === 'login' ? 'login' : undefined
    if (res.locals.person && !prompt) return res.redirect(LAIR)
    await start(req, res, LAIR, prompt)
  }

  async function callback(req: Request, res: Response): Promise<void> {
    const transaction = transactionOf(res)
    if (transaction.status === 'pending') {
      limit(req)
      res.locals.libraryStep = 'callback'
      await issuer.ready()
      const note = (failure: OktaFailure) => {
        res.locals.oktaFailure = failure
      }
      return issuer.redeeming(String(req.query.code), note, () => res.oidc.callback({ redirectUri }))
    }
    const path = transaction.status === 'used' ? returnPath(transaction.path, baseUrl) : LAIR
    if (!res.locals.person) throw signInNotUnderWay(path)
    res.redirect(path)
  }

  async function finish(req: Request, res: Response, tokens: Tokens, returnTo: string): Promise<Session> {
    const claims = await verifyIdToken(tokens.idToken, tokens.accessToken, {
      issuer: config.oktaIssuer,
      clientId: config.oktaClientId,
      key: issuer.key,
    })
    current.giveWay(req)
    const transaction = transactionOf(res)
    if (transaction.status === 'pending') transactions.end(res, transaction.cookieName, returnTo)
    const session = createSession(personFromClaims(claims), tokens.idToken, tokens.sessionExpiresAt)
    res.locals.signedInNow = true
    current.record(req, res, 'signed in', { session })
    return session
  }

  async function logout(req: Request, res: Response): Promise<void> {
    const session = current.of(req)
    const foreign = causedElsewhere(req, baseUrl)
    if (foreign && req.method === 'POST') throw foreignSignOut()
    if (!session) return res.redirect(303, '/')
    if (foreign || onlyLooking(req)) return sendPage(res, 'sign-out', {})
    current.end(req, res, 'signed out')
    res.set('Clear-Site-Data', '"cache", "storage"')
    const idToken = idTokenOf(session)
    if (idToken === undefined || !(await issuer.answers())) return res.redirect(303, SIGNED_OUT_HERE_ONLY)
    res.locals.libraryStep = 'logout'
    redirectBare(req, res)
    await res.oidc.logout({ logoutParams: { id_token_hint: idToken } })
  }

  /** Pages need the library only where a cookie is due for renewal, or no good. */
  function identify(req: Request, res: Response, next: NextFunction): void {
    res.locals.person = null
    if (!mayHoldSession(req.headers.cookie ?? '', sessionCookie)) next()
    else {
      const session = sessionOf(req)
      if (session && current.resume(req, res, session)) next()
      else verify(req, res, next)
    }
  }

  function retryPath(req: Request): string {
    const { returnTo } = (Reflect.get(req, 'openidState') ?? {}) as { returnTo?: string }
    return returnPath(returnTo ?? (req.path === '/callback' ? LAIR : req.originalUrl), baseUrl)
  }

  return {
    mount(app) {
      app.all(['/login', '/callback', '/logout'], renewNothing, verify)
      app.route('/login').get(login).all(methodNotAllowed('GET, HEAD'))
      app.route('/callback').get(callback).all(methodNotAllowed('GET, HEAD'))
      app.route('/logout').get(logout).post(logout).all(methodNotAllowed('GET, HEAD, POST'))
      app.use(identify)
    },

    required() {
      return function requireSignIn(req, res, next) {
        if (wantsToEmbed(req)) throw embeddingRefused()
        // With a verdict there is no person any more, and the page says why.
        if (res.locals.person || res.locals.userProblem) return next()
        if (!readsPages(req)) throw signInRequired()
        return start(req, res, req.originalUrl)
      }
    },

    endSession: (req, res, reason) => current.end(req, res, 'session ended', reason),

    explainErrors() {
      return function explainErrors(error, req, res, next) {
        const step = res.locals.libraryStep
        if (step === undefined) return next(error)
        const transaction = transactionOf(res)
        if (transaction.status === 'pending') transactions.end(res, transaction.cookieName)
        // The session here is over by now; it is Okta's that could not be ended.
        if (step === 'logout') return res.redirect(SIGNED_OUT_HERE_ONLY)
        const explained = explainLibraryError(error, {
          retry: retryPath(req),
          failure: res.locals.oktaFailure,
          refused: step === 'callback' && req.query.error !== undefined,
        })
        current.record(req, res, 'sign-in failed', { reason: explained.code })
        next(explained)
      }
    },
  }
}

const SIGNED_OUT_HERE_ONLY = '/?signed-out=here-only'

function hostnameOf(req: Request): string {
  const url = `http://${req.headers.host}`
  return URL.canParse(url) ? new URL(url).hostname : ''
}

/**
 * Makes the library's redirect one that a POST may end in (RFC 9110 section 15.4.4), and leaves out the body, in which
 * Express would repeat the ID token.
 */
function redirectBare(req: Request, res: Response): void {
  res.redirect = (url: string | number) => {
    res
      .status(req.method === 'POST' ? 303 : 302)
      .location(String(url))
      .end()
  }
}

function transactionOf(res: Response): Transaction {
  return res.locals.transaction ?? { status: 'unknown' }
}
