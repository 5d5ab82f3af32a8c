/**
 * express-openid-connect as Auth0's sample for it: its own cookie session, `req.oidc.user` for all views, `requiresAuth`
 * before the page. The response type is the one departure: Okta's web apps use the code flow.
 */
import express from 'express'
import oidc from 'express-openid-connect'
import { LANDING, lair, userFrom, VIEWS } from './page.js'

const app = express()
app.set('views', VIEWS)
app.set('view engine', 'ejs')
app.use(
  oidc.auth({
    authRequired: false,
    baseURL: process.env.BASE_URL,
    issuerBaseURL: process.env.OKTA_ISSUER,
    clientID: process.env.OKTA_CLIENT_ID,
    clientSecret: process.env.OKTA_CLIENT_SECRET,
    secret: process.env.SECRET_KEY,
    authorizationParams: { response_type: 'code' },
  }),
)
app.use((req, res, next) => {
  res.locals.user = req.oidc.user
  next()
})
app.get('/', (_req, res) => res.render('landing', LANDING))
app.get('/lair', oidc.requiresAuth(), (_req, res) => res.render('lair', lair(userFrom(res.locals.user))))
app.listen(Number(process.env.PORT), '127.0.0.1')
