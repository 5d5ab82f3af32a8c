/** The path of a request, one line a stop; at the same time the access policy: what needs a person says so. */
import { fileURLToPath } from 'node:url'
import express, { type Express } from 'express'
import type { AppConfig } from './config.js'
import type { Log } from './log.js'
import type { Issuer } from './okta/authorization-server.js'
import { alive, ready } from './pages/health.js'
import { lair } from './pages/lair.js'
import { landing } from './pages/landing.js'
import { createSignIn } from './sign-in/sign-in.js'
import { preloadUser } from './users/preload-user.js'
import type { UserDirectory } from './users/user.js'
import { createAssets } from './web/assets.js'
import { errorPages, methodNotAllowed, notFound } from './web/error-pages.js'
import { requestId } from './web/request-id.js'
import { securityHeaders } from './web/security-headers.js'
import { templates } from './web/templates.js'

export interface AppParts {
  config: AppConfig
  issuer: Issuer
  users: UserDirectory
  /** Loads the Okta SDK before the first look-up: it takes most of a second. */
  warmUpUsers(): void
  log: Log
  /** What signing in would fail for just now; empty when the app is ready. */
  missing(): string[]
}

/** Builds the app; listening is up to `server.ts`. */
export function createApp(parts: AppParts): Express {
  const { config, issuer, users, log, missing } = parts
  const app = express()
  const signIn = createSignIn({ config, issuer, log, onDeparture: parts.warmUpUsers })
  const assets = createAssets({
    folder: fromRoot('public'),
    path: '/assets',
    development: config.development,
  })
  configure(app, config)
  app.locals.asset = assets.href

  app.use(requestId())
  app.use(securityHeaders(config)) // on every answer, the dullest too
  app.route('/healthz').get(alive()).all(methodNotAllowed('GET, HEAD')) // probes open no session
  app.route('/readyz').get(ready(missing)).all(methodNotAllowed('GET, HEAD'))
  app.use('/assets', assets.routes())
  signIn.mount(app) // /login /logout /callback; who is this?
  app.use(preloadUser(users, signIn.endSession)) // res.locals.user: the Okta user, or null
  app.route('/').get(landing()).all(methodNotAllowed('GET, HEAD'))
  app.route('/lair').get(signIn.required(), lair()).all(methodNotAllowed('GET, HEAD'))
  app.use(notFound())
  app.use(signIn.explainErrors())
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
