/**
 * Signing in and out: /login, /callback, /logout and who a request comes from. express-openid-connect does the
 * protocol; this file says when, and what follows. Nothing outside `auth/` knows that library.
 */
import { randomBytes } from 'node:crypto'
import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express'
import { auth } from 'express-openid-connect'
import { readsPages } from '../audience.js'
import { type AppConfig, isLoopback } from '../config.js'
import { signInRequired } from '../errors.js'
import { methodNotAllowed } from '../middleware/error-pages.js'
import { cookiesOf, replaceCookies } from './cookies.js'
import { type Person, personFromClaims } from './person.js'
import { LAIR, returnPath } from './return-path.js'
import { explainLibraryError, foreignSignOut, signInNotUnderWay } from './sign-in-errors.js'
import { causedElsewhere, onlyLooking } from './sign-out-guard.js'
import { createTransactions, type Transaction } from './transactions.js'

/** What the encrypted session cookie holds: no access token, nothing that a page does not use. */
interface Session {
  person: Person
  /** Okta ends its own session only for who shows this (`id_token_hint`). */
  idToken: string
}

export interface SignIn {
  /** Sets `res.locals.person` and serves /login, /logout and /callback. */
  routes(): Router
  /** For a route that needs a person: sends strangers to Okta and back, scripts away with 401. */
  required(): RequestHandler
  /** Ends the session of this request, e.g. because Okta no longer knows the person. */
  endSession(req: Request): void
  /** Turns the library's errors into those that pages can show; to be mounted after the routes. */
  explainErrors(): (error: unknown, req: Request, res: Response, next: NextFunction) => void
}

export function createSignIn(config: AppConfig): SignIn {
  const { baseUrl } = config
  const secure = baseUrl.startsWith('https:')
  const sessionCookie = secure ? '__Host-lair' : 'lair'
  const transactionCookie = secure ? '__Host-lair-sign-in' : 'lair-sign-in'
  const redirectUri = `${baseUrl}/callback`
  const transactions = createTransactions(transactionCookie, secure)
  const isSessionCookie = (name: string) => name === sessionCookie || name.startsWith(`${sessionCookie}.`)

  const library = auth({
    issuerBaseURL: config.okta.issuer,
    clientID: config.okta.clientId,
    clientSecret: config.okta.clientSecret,
    clientAuthMethod: 'client_secret_basic',
    baseURL: baseUrl,
    secret: config.secretKeys,
    authorizationParams: {
      response_type: 'code', // with PKCE S256; the library's default would be the implicit flow
      scope: 'openid profile email',
      redirect_uri: redirectUri,
    },
    authRequired: false,
    routes: { login: false, logout: false, callback: false, postLogoutRedirect: '/' },
    idpLogout: true,
    auth0Logout: false,
    useMtls: false, // else read from the environment
    enableTelemetry: false, // else tells Okta our versions
    legacySameSiteCookie: false,
    httpTimeout: 5000,
    session: {
      name: sessionCookie,
      rollingDuration: config.sessionIdleSeconds,
      absoluteDuration: config.sessionMaxSeconds,
      cookie: { httpOnly: true, sameSite: 'Lax', secure },
    },
    transactionCookie: { name: transactionCookie, sameSite: 'Lax' },
    getLoginState: (_req, options) => ({
      id: randomBytes(16).toString('base64url'), // the library's own state is the same for everybody
      returnTo: returnPath(options.returnTo ?? LAIR, baseUrl),
    }),
    afterCallback(req, res, session, state) {
      // The library merges into a session it finds, clocks included: `beforeLibrary` hid it, and here it goes.
      for (const name of hiddenSessionCookies(res))
        res.clearCookie(name, { path: '/', secure, sameSite: 'lax' })
      const transaction = transactionOf(res)
      if (transaction.status === 'pending') transactions.end(res, transaction.cookieName, state.returnTo)
      const claims = req.oidc.idTokenClaims ?? {}
      const kept: Session = { person: personFromClaims(claims), idToken: session.id_token }
      // The library's type lists the tokens it would keep; all that it reads back is ours.
      return kept as unknown as typeof session
    },
  })

  /** A callback that is under way starts from no session, so that the new one gets new clocks. */
  function beforeLibrary(req: Request, res: Response, next: NextFunction): void {
    res.locals.transaction = transactions.resume(req, res)
    if (transactionOf(res).status === 'pending') {
      const cookies = cookiesOf(req)
      res.locals.hiddenSessionCookies = cookies.map(([name]) => name).filter(isSessionCookie)
      replaceCookies(
        req,
        cookies.filter(([name]) => !isSessionCookie(name)),
      )
    }
    next()
  }

  function identify(req: Request, res: Response, next: NextFunction): void {
    res.locals.person = sessionOf(req)?.person ?? null
    next()
  }

  function sessionOf(req: Request): Session | undefined {
    const session = Reflect.get(req, sessionCookie) as Partial<Session> | undefined
    return session?.person && session.idToken ? (session as Session) : undefined
  }

  function endSession(req: Request): void {
    Reflect.set(req, sessionCookie, undefined) // the library clears the cookies of a session that is gone
  }

  /** Sends the browser to Okta; `returnTo` is where it comes back to in the end. */
  async function start(req: Request, res: Response, returnTo: string, prompt?: 'login'): Promise<void> {
    const { hostname } = new URL(`http://${req.headers.host || 'invalid'}`)
    const home = new URL(baseUrl).hostname
    if (hostname !== home && isLoopback(hostname) && isLoopback(home)) {
      // 127.0.0.1 and localhost have different cookies: go on where Okta will send the browser back to.
      return res.redirect(baseUrl + returnPath(req.originalUrl, baseUrl))
    }
    res.locals.libraryStep = 'login'
    transactions.begin(req, res)
    await res.oidc.login({ returnTo, ...(prompt && { authorizationParams: { prompt } }) })
  }

  async function login(req: Request, res: Response): Promise<void> {
    const prompt = req.query.prompt === 'login' ? 'login' : undefined
    if (res.locals.person && !prompt) return res.redirect(LAIR)
    await start(req, res, LAIR, prompt)
  }

  async function callback(_req: Request, res: Response): Promise<void> {
    const transaction = transactionOf(res)
    if (transaction.status === 'pending') {
      res.locals.libraryStep = 'callback'
      return res.oidc.callback({ redirectUri })
    }
    const path = transaction.status === 'used' ? returnPath(transaction.path, baseUrl) : LAIR
    if (!res.locals.person) throw signInNotUnderWay(path)
    res.redirect(path)
  }

  async function logout(req: Request, res: Response): Promise<void> {
    const session = sessionOf(req)
    const foreign = causedElsewhere(req, baseUrl)
    if (foreign && req.method === 'POST') throw foreignSignOut()
    if (session && (foreign || onlyLooking(req))) return res.render('sign-out')
    if (!session) return res.redirect(303, '/')
    endSession(req)
    res.locals.libraryStep = 'logout'
    if (req.method === 'POST') seeOther(res)
    await res.oidc.logout({ logoutParams: { id_token_hint: session.idToken } })
  }

  return {
    routes() {
      const router = Router()
      router.use('/callback', beforeLibrary)
      router.use(library, identify)
      router.route('/login').get(login).all(methodNotAllowed('GET, HEAD'))
      router.route('/callback').get(callback).all(methodNotAllowed('GET, HEAD'))
      router.route('/logout').get(logout).post(logout).all(methodNotAllowed('GET, HEAD, POST'))
      return router
    },

    required() {
      return async function requireSignIn(req, res, next) {
        if (res.locals.person) return next()
        if (!readsPages(req)) throw signInRequired()
        await start(req, res, req.originalUrl)
      }
    },

    endSession,

    explainErrors() {
      return function explainErrors(error, req, res, next) {
        const step = res.locals.libraryStep as 'login' | 'callback' | 'logout' | undefined
        const transaction = transactionOf(res)
        if (transaction.status === 'pending') transactions.end(res, transaction.cookieName)
        if (step === undefined) next(error)
        // The session here is over by now; it is Okta's that could not be ended.
        else if (step === 'logout') res.redirect(303, '/?signed-out=here-only')
        else next(explainLibraryError(error, retryPath(req)))
      }
    },
  }

  function retryPath(req: Request): string {
    const { returnTo } = (Reflect.get(req, 'openidState') ?? {}) as { returnTo?: string }
    return returnPath(returnTo ?? (req.path === '/callback' ? LAIR : req.originalUrl), baseUrl)
  }
}

/** Makes the library's redirect a 303: the browser is to follow with a GET (RFC 9110 section 15.4.4). */
function seeOther(res: Response): void {
  const redirect = res.redirect.bind(res)
  res.redirect = (url: string | number) => redirect(303, String(url))
}

function transactionOf(res: Response): Transaction {
  return (res.locals.transaction as Transaction | undefined) ?? { status: 'unknown' }
}

function hiddenSessionCookies(res: Response): string[] {
  return (res.locals.hiddenSessionCookies as string[] | undefined) ?? []
}
