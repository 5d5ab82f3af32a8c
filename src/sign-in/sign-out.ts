/** Signing out: of this browser, or everywhere. Both end the session here first, whatever Okta says. */
import type { Request, Response } from 'express'
import type { AppConfig } from '../config.js'
import type { Log } from '../log.js'
import type { AuthorizationServer } from '../okta/authorization-server.js'
import type { OktaSessions } from '../okta/okta-sessions.js'
import type { Sessions } from '../sessions/sessions.js'
import { leaveNotice } from '../web/notice.js'
import { causedElsewhere, onlyLooking } from '../web/request-intent.js'
import { sendPage } from '../web/templates.js'
import type { createOpenIdConnect } from './openid-connect.js'
import * as refusals from './refusals.js'

export function createSignOut(parts: {
  config: Pick<AppConfig, 'baseUrl'>
  authorizationServer: Pick<AuthorizationServer, 'answers'>
  openIdConnect: Pick<ReturnType<typeof createOpenIdConnect>, 'endAtOkta'>
  sessions: Sessions
  oktaSessions: Pick<OktaSessions, 'endAll'>
  log: Log
}) {
  const { config, authorizationServer, openIdConnect, sessions, oktaSessions, log } = parts

  /**
   * Sends the browser to Okta, where its session ends, or to the landing page, if Okta cannot do that now.
   * @param endingAll whether all sessions at Okta could be ended; not given if only this browser signs out
   */
  async function leave(req: Request, res: Response, idToken?: string, endingAll?: Promise<boolean>) {
    const [answers, endedAll] = await Promise.all([
      authorizationServer.answers(),
      endingAll,
      sessions.shared(),
    ])
    const atOkta = idToken !== undefined && answers ? await endAtOkta(idToken) : undefined
    if (endedAll) leaveNotice(res, 'signed-out-everywhere')
    else if (!atOkta) leaveNotice(res, 'signed-out-okta-not-told')
    else leaveNotice(res, endedAll === undefined ? 'signed-out' : 'signed-out-okta-lives-on')
    res.set('Clear-Site-Data', '"cache", "storage"')
    res.status(req.method === 'POST' ? 303 : 302) // 303 after a POST: RFC 9110 section 15.4.4
    res.location(atOkta ?? '/').end() // not `res.redirect`, whose body would repeat the ID token
  }

  const endAtOkta = (idToken: string) =>
    openIdConnect.endAtOkta(idToken).catch((error) => {
      log.warn({ err: error }, 'the session at Okta cannot be ended')
    })

  return {
    async logout(req: Request, res: Response): Promise<void> {
      const foreign = causedElsewhere(req, config.baseUrl)
      if (foreign && req.method === 'POST') throw refusals.foreignSignOut()
      if (!res.locals.session) return res.redirect(303, '/')
      if (foreign || onlyLooking(req)) return sendPage(res, 'sign-out', {})
      const idToken = sessions.idToken(req)
      sessions.end(req, res)
      await leave(req, res, idToken)
    },

    /** Takes POST only. Ends all sessions of the person, here and, if the credentials allow it, at Okta. */
    async logoutEverywhere(req: Request, res: Response): Promise<void> {
      if (causedElsewhere(req, config.baseUrl)) throw refusals.foreignSignOut()
      const { session, requestId } = res.locals
      if (!session) return res.redirect(303, '/')
      const idToken = sessions.idToken(req)
      sessions.endAll(req, res, 'signed out everywhere')
      await leave(req, res, idToken, oktaSessions.endAll(session.person.subject, requestId))
    },
  }
}
