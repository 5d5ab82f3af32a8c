/** This job as a tutorial of 2018 does it, on today's packages: before each page, the user from the Users API. */
import okta from '@okta/okta-sdk-nodejs'
import express from 'express'
import oidc from 'express-openid-connect'
import { LANDING, lair, VIEWS } from './page.js'

const client = new okta.Client({
  orgUrl: process.env.OKTA_ORG_URL,
  token: process.env.OKTA_AUTH_TOKEN,
  cacheMiddleware: null, // the SDK's cache never expires
})

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
app.use(async (req, res, next) => {
  if (req.oidc.isAuthenticated()) {
    res.locals.user = await client.userApi.getUser({ userId: req.oidc.user.sub })
  }
  next()
})
app.get('/', (_req, res) => res.render('landing', LANDING))
app.get('/lair', oidc.requiresAuth(), (_req, res) => {
  const { profile, status, lastLogin } = res.locals.user
  res.render('lair', lair({ ...profile, status, lastLogin: new Date(lastLogin) }))
})
app.listen(Number(process.env.PORT), '127.0.0.1')
