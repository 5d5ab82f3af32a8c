/**
 * @okta/oidc-middleware on Express 4 with express-session's memory store, as in Okta's own sample
 * (samples-nodejs-express-4). Only the callback's path differs, which the local Okta knows as /callback.
 */
import middleware from '@okta/oidc-middleware'
import express from 'express-4'
import session from 'express-session'
import { LANDING, lair, userFrom, VIEWS } from './page.js'

const oidc = new middleware.ExpressOIDC({
  issuer: process.env.OKTA_ISSUER,
  client_id: process.env.OKTA_CLIENT_ID,
  client_secret: process.env.OKTA_CLIENT_SECRET,
  appBaseUrl: process.env.BASE_URL,
  scope: 'openid profile email',
  routes: { loginCallback: { path: '/callback' } },
  testing: { disableHttpsCheck: true },
})
const store = new session.MemoryStore()

const app = express()
app.set('views', VIEWS)
app.set('view engine', 'ejs')
app.use(session({ secret: process.env.SECRET_KEY, resave: true, saveUninitialized: false, store }))
app.use(oidc.router)
app.get('/', (_req, res) => res.render('landing', LANDING))
app.get('/lair', oidc.ensureAuthenticated(), (req, res) =>
  res.render('lair', lair(userFrom(req.userContext.userinfo))),
)
oidc.on('ready', () => app.listen(Number(process.env.PORT), '127.0.0.1'))

// Signing in 100,000 times would take an hour: the store takes as many copies of a session that was really started.
process.on('message', (question) => {
  if (question?.copies === undefined) return
  store.all((_error, sessions) => {
    const signedIn = Object.values(sessions).find(({ passport }) => passport?.user)
    for (let n = 0; n < question.copies; n++) store.set(`bench-${n}`, signedIn)
    process.send({ answer: question.copies })
  })
})
