import type { Request, Response } from 'express'
import { sendPage } from '../web/templates.js'

export function landing(req: Request, res: Response): void {
  const { person, user } = res.locals
  sendPage(res, 'landing', {
    greeting: user?.firstName ?? person?.firstName ?? 'friend',
    profileUnavailable: user === null,
    profileOutOfDate: user?.lastKnownAt != null,
    oktaSessionMayLiveOn: req.query['signed-out'] === 'here-only',
    oktaLivesOnElsewhere: req.query.state === 'okta-lives-on', // as Okta gives it back
  })
}
