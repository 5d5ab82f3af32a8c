import type { Request, Response } from 'express'
import { sendPage } from '../web/templates.js'

export function landing(_req: Request, res: Response): void {
  const { person, user } = res.locals
  sendPage(res, 'landing', {
    greeting: user?.firstName ?? person?.firstName ?? 'friend',
    profileUnavailable: user === null,
    profileOutOfDate: user?.lastKnownAt != null,
  })
}
