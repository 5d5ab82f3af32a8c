/** The path of a request, one line a stop. It is the access policy at the same time: a page that needs a person says so. */
import { fileURLToPath } from 'node:url'
import express, { type Express, type RequestHandler } from 'express'
import type { AppConfig } from './config.js'
import type { Log } from './log.js'
import { alive, ready } from './pages/health.js'
import { lair } from './pages/lair.js'
import { landing } from './pages/landing.js'
import type { Sessions } from './sessions/sessions.js'
import type { SignIn } from './sign-in/sign-in.js'
import { createAccess } from './users/access.js'
import type { UserDirectory } from './users/user.js'
import { createAssets } from './web/assets.js'
import { errorPages, methodNotAllowed, notFound } from './web/error-pages.js'
import { requestId } from './web/request-id.js'
import { securityHeaders } from './web/security-headers.js'
import { templates } from './web/templates.js'

export interface AppParts {
  config: AppConfig
  sessions: Sessions
  signIn: SignIn
  users: UserDirectory
  log: Log
  /** What a sign-in would fail for now; empty when the app is ready. */
  missing(): string[]
}

/** Builds the app; listening is up to `server.ts`. */
export function createApp({ config, sessions, signIn, users, log, missing }: AppParts): Express {
  const app = express()
  const { preloadUser, requireUser } = createAccess({ users, sessions, challenge: signIn.challenge })
  const assets = createAssets({
    folder: fromRoot('public'),
    path: '/assets',
    development: config.development,
  })
  /** GET and HEAD; any other method is a 405. */
  const page = (path: string, ...handlers: RequestHandler[]) =>
    app.route(path).get(handlers).all(methodNotAllowed('GET, HEAD'))
  configure(app, config)
  app.locals.asset = assets.href

  app.use(requestId)
  app.use(securityHeaders(config)) // on every answer, also on that of a probe
  page('/healthz', alive) // probes have no session
  page('/readyz', ready(missing))
  app.use('/assets', assets.routes())
  app.use(sessions.identify) // res.locals.session and .person
  page('/login', signIn.login)
  page('/callback', signIn.callback)
  app.route('/logout').get(signIn.logout).post(signIn.logout).all(methodNotAllowed('GET, HEAD, POST'))
  app.use(preloadUser) // res.locals.user
  app.use(sessions.renew)
  page('/', landing)
  page('/lair', requireUser, lair)
  app.use(notFound)
  app.use(errorPages({ log, showRemedies: config.development }))
  return app
}

function configure(app: Express, config: AppConfig): void {
  app.set('env', config.development ? 'development' : 'production') // whatever NODE_ENV says
  app.set('view cache', !config.development)
  app.set('views', fromRoot('views'))
  app.set('view engine', 'ejs')
  app.engine('ejs', templates(fromRoot('views'), config.development))
  app.set('trust proxy', config.trustProxy)
  app.set('query parser', 'simple')
  app.set('etag', false) // pages are not stored; assets have their own
  app.disable('x-powered-by')
}

/** Folders beside `src`, which are beside `dist` too. */
function fromRoot(folder: string): string {
  return fileURLToPath(new URL(`../${folder}`, import.meta.url))
}
