/**
 * The path of a request, step by step. It is also the access policy: a page that needs a person has `requireUser` or
 * `requireGroup`.
 */
import type { Express, RequestHandler } from 'express'
import type { AppConfig } from './config.js'
import type { Log } from './log.js'
import { alive, ready } from './pages/health.js'
import { lair } from './pages/lair.js'
import { landing } from './pages/landing.js'
import { session } from './pages/session.js'
import type { Sessions } from './sessions/sessions.js'
import type { SignIn } from './sign-in/sign-in.js'
import type { Access } from './users/access.js'
import { createAssets } from './web/assets.js'
import { errorPages, methodNotAllowed, notFound } from './web/error-pages.js'
import { createExpress } from './web/express.js'
import { requestId } from './web/request-id.js'
import { requireHost } from './web/request-intent.js'
import { securityHeaders } from './web/security-headers.js'

/**
 * Builds the app. `server.ts` makes its parts and listens: a new store or client is made there and passed in here.
 * @param parts.first a handler that gets each request before the routes do
 * @param parts.missing names what a sign-in needs and the app does not have now; empty when the app is ready
 * @param parts.degraded names what the app can do without, and does not have now
 */
export function createApp(parts: {
  config: AppConfig
  sessions: Sessions
  signIn: SignIn
  universalLogout: RequestHandler
  access: Access
  log: Log
  missing: () => string[]
  degraded: () => string[]
  first?: RequestHandler
}): Express {
  const { config, sessions, signIn, log } = parts
  const { preloadUser, requireUser, requireGroup } = parts.access
  const assets = createAssets('/assets', config)
  const app = createExpress(config, { asset: assets.href })
  /** Adds a page, which takes GET and HEAD. Any other method gets 405. */
  const page = (path: string, ...handlers: RequestHandler[]) =>
    app.route(path).get(handlers).all(methodNotAllowed('GET, HEAD'))

  app.use(requestId)
  app.use(securityHeaders(config)) // on every answer, also to a probe
  app.use(requireHost)
  if (parts.first) app.use(parts.first) // in development only
  page('/healthz', alive) // before `identify`: probes have no session
  page('/readyz', ready(parts.missing, parts.degraded))
  app.use('/assets', assets.router)
  app.route('/global-token-revocation').post(parts.universalLogout).all(methodNotAllowed('POST'))
  app.use(sessions.identify) // res.locals.session and .person
  page('/login', signIn.login)
  page('/callback', signIn.callback)
  app.route('/logout').get(signIn.logout).post(signIn.logout).all(methodNotAllowed('GET, HEAD, POST'))
  app.route('/logout/everywhere').post(signIn.logoutEverywhere).all(methodNotAllowed('POST'))
  app.use(preloadUser) // res.locals.user
  app.use(sessions.renew) // the cookie, after every middleware that waits
  page('/', landing)
  page('/lair', config.lairGroups ? requireGroup(...config.lairGroups) : requireUser, lair)
  page('/session', requireUser, session(config, sessions))
  app.use(notFound)
  app.use(errorPages(config, log))
  return app
}
