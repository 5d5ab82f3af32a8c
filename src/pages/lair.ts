import type { Request, Response } from 'express'
import { allowFrame } from '../web/security-headers.js'
import { sendPage } from '../web/templates.js'
import { inUtc } from './in-utc.js'

export function lair(_req: Request, res: Response): void {
  allowFrame(res, 'https://giphy.com')
  sendPage(res, 'lair', { user: res.locals.user, inUtc })
}
