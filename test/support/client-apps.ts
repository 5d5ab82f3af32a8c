/** Small apps that sign people in with libraries that are not ours. Each has a callback at `/callback`. */
import { type EventEmitter, once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { ExpressOIDC } from '@okta/oidc-middleware'
import express, { type RequestHandler } from 'express'
import session from 'express-session'
import passport from 'passport'
import Strategy from 'passport-openidconnect'
import type { LocalOkta } from '../../local-okta/server.js'
import { endpointsOf } from './okta-client.js'

const SESSION = { secret: 'a secret of this test', resave: false, saveUninitialized: false }

/** passport-openidconnect has no sign-out of its own: the app makes the address. */
export function passportApp(okta: LocalOkta, own: string): RequestListener {
  const { custom } = endpointsOf(okta)
  const authenticator = new passport.Passport()
  authenticator.serializeUser((user, done) => done(null, user))
  authenticator.deserializeUser((stored, done) => done(null, stored))
  const options = {
    issuer: okta.issuer,
    authorizationURL: `${custom}/authorize`,
    tokenURL: `${custom}/token`,
    userInfoURL: `${custom}/userinfo`,
    clientID: okta.clientId,
    clientSecret: okta.clientSecret,
    callbackURL: `${own}/callback`,
    scope: ['profile', 'email'],
  }
  authenticator.use(
    new Strategy(options, (_issuer, profile, _context, idToken, _access, _refresh, done) =>
      done(null, { ...profile, idToken }),
    ),
  )
  const userOf = (req: object) => (req as { user?: { idToken: string } }).user
  const app = express()
  app.use(session(SESSION), authenticator.initialize(), authenticator.session())
  app.get('/login', authenticator.authenticate('openidconnect'))
  app.get('/callback', authenticator.authenticate('openidconnect', { successRedirect: '/' }))
  app.get('/', (req, res) => void res.json(userOf(req) ?? null))
  app.get('/logout', (req, res) => {
    const query = { id_token_hint: userOf(req)?.idToken ?? '', post_logout_redirect_uri: `${own}/` }
    res.redirect(`${custom}/logout?${new URLSearchParams(query)}`)
  })
  return app
}

/** As in Okta's own sample, samples-nodejs-express-4. */
export async function oktaApp(okta: LocalOkta, own: string): Promise<RequestListener> {
  const oidc = new ExpressOIDC({
    issuer: okta.issuer,
    client_id: okta.clientId,
    client_secret: okta.clientSecret,
    appBaseUrl: own,
    scope: 'openid profile email offline_access',
    routes: { loginCallback: { path: '/callback' } },
    logoutRedirectUri: `${own}/`,
    testing: { disableHttpsCheck: true },
  })
  const require = createRequire(import.meta.resolve('@okta/oidc-middleware'))
  const app = (require('express') as typeof express)() // the Express 4 that comes with it
  app.use(session(SESSION))
  app.use(oidc.router as unknown as RequestHandler)
  app.get('/', (_req, res) => void res.send('home'))
  app.get('/lair', oidc.ensureAuthenticated() as unknown as RequestHandler, (req, res) => {
    res.json((req as { userContext?: object }).userContext)
  })
  await once(oidc as EventEmitter, 'ready')
  return app
}
