/** Signing out: of this browser, or everywhere. Both end the session here first, whatever Okta says. */
import type { Request, Response } from 'express'
import type { AppConfig } from '../config.js'
import type { Log } from '../log.js'
import type { AuthorizationServer } from '../okta/authorization-server.js'
import type { OktaSessions } from '../okta/okta-sessions.js'
import type { Sessions } from '../sessions/sessions.js'
import { causedElsewhere, onlyLooking } from '../web/request-intent.js'
import { sendPage } from '../web/templates.js'
import type { createOpenIdConnect } from './openid-connect.js'
import * as refusals from './refusals.js'

/** Where the browser goes if the app has ended its own session but cannot end Okta's. */
const SIGNED_OUT_HERE_ONLY = '/?signed-out=here-only'

/** What Okta gives back to the landing page if the person's sessions at Okta live on in other browsers. */
const OKTA_LIVES_ON = 'okta-lives-on'

export function createSignOut(parts: {
  config: Pick<AppConfig, 'baseUrl'>
  authorizationServer: Pick<AuthorizationServer, 'answers'>
  openIdConnect: Pick<ReturnType<typeof createOpenIdConnect>, 'endAtOkta'>
  sessions: Sessions
  oktaSessions: Pick<OktaSessions, 'endAll'>
  log: Log
}) {
  const { config, authorizationServer, openIdConnect, sessions, oktaSessions, log } = parts

  async function whereToGoFrom(idToken: string | undefined, endingAll?: Promise<boolean>): Promise<string> {
    const [answers, areEnded] = await Promise.all([authorizationServer.answers(), endingAll])
    if (idToken === undefined || !answers) return areEnded ? '/' : SIGNED_OUT_HERE_ONLY
    return openIdConnect.endAtOkta(idToken, areEnded === false ? OKTA_LIVES_ON : undefined).catch((error) => {
      log.warn({ err: error }, 'the session at Okta cannot be ended')
      return SIGNED_OUT_HERE_ONLY
    })
  }

  /** Not `res.redirect`, whose body would repeat the ID token. 303 after a POST: RFC 9110 section 15.4.4. */
  function leave(req: Request, res: Response, location: string): void {
    res.set('Clear-Site-Data', '"cache", "storage"')
    res.status(req.method === 'POST' ? 303 : 302)
    res.location(location).end()
  }

  return {
    async logout(req: Request, res: Response): Promise<void> {
      const foreign = causedElsewhere(req, config.baseUrl)
      if (foreign && req.method === 'POST') throw refusals.foreignSignOut()
      if (!res.locals.session) return res.redirect(303, '/')
      if (foreign || onlyLooking(req)) return sendPage(res, 'sign-out', {})
      const idToken = sessions.idToken(req)
      sessions.end(req, res, 'signed out')
      await sessions.shared()
      leave(req, res, await whereToGoFrom(idToken))
    },

    /** Takes POST only. Ends all sessions of the person, here and, if the credentials allow it, at Okta. */
    async logoutEverywhere(req: Request, res: Response): Promise<void> {
      if (causedElsewhere(req, config.baseUrl)) throw refusals.foreignSignOut()
      const { session, requestId } = res.locals
      if (!session) return res.redirect(303, '/')
      const idToken = sessions.idToken(req)
      sessions.endAll(req, res, 'signed out everywhere')
      const endingAll = oktaSessions.endAll(session.person.subject, requestId)
      const [location] = await Promise.all([whereToGoFrom(idToken, endingAll), sessions.shared()])
      leave(req, res, location)
    },
  }
}
