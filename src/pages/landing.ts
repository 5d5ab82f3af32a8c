import type { RequestHandler } from 'express'
import { sendPage } from '../web/templates.js'

export function landing(): RequestHandler {
  return function landing(req, res) {
    const { person, user, userProblem } = res.locals
    sendPage(res, 'landing', {
      greeting: user?.firstName ?? person?.firstName ?? 'friend',
      profileUnavailable: userProblem !== null,
      profileOutOfDate: user !== null && user.lastKnownAt !== null,
      oktaSessionMayLiveOn: req.query['signed-out'] === 'here-only',
    })
  }
}
