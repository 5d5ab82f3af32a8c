/**
 * Express 5 and EJS as they come: no session, no sign-in, the same pages for everybody. With INCLUDES in the environment
 * the templates include their head and foot, for which EJS looks on the disk at each page.
 */
import express from 'express'
import { LANDING, lair, userFrom, VIEWS, VIEWS_WITH_INCLUDES } from './page.js'

const user = userFrom({
  given_name: 'Lion-O',
  family_name: 'of Thundera',
  preferred_username: 'lion-o@thundera.example',
  email: 'lion-o@thundera.example',
})

const app = express()
app.set('views', process.env.INCLUDES ? VIEWS_WITH_INCLUDES : VIEWS)
app.set('view engine', 'ejs')
app.get('/', (_req, res) => res.render('landing', LANDING))
app.get('/lair', (_req, res) => res.render('lair', lair(user)))
app.listen(Number(process.env.PORT), '127.0.0.1')
