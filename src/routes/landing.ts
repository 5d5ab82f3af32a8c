import type { RequestHandler } from 'express'

export function landing(): RequestHandler {
  return function landing(req, res) {
    const { person, user, userProblem } = res.locals
    const refused = userProblem?.status === 403
    const greeting = user?.firstName ?? person?.firstName ?? 'friend'
    res.render('landing', {
      greeting: person && !refused ? greeting : null,
      profileUnavailable: person !== null && userProblem !== null,
      oktaSessionMayLiveOn: req.query['signed-out'] === 'here-only',
    })
  }
}
