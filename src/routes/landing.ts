import type { RequestHandler } from 'express'

export function landing(): RequestHandler {
  return function landing(req, res) {
    const { person, user, userProblem } = res.locals
    res.render('landing', {
      greeting: user?.firstName ?? person?.firstName ?? 'friend',
      profileUnavailable: userProblem !== null,
      oktaSessionMayLiveOn: req.query['signed-out'] === 'here-only',
    })
  }
}
