import type { Request, Response } from 'express'
import { allowFrame } from '../web/security-headers.js'
import { sendPage } from '../web/templates.js'

let utc: Intl.DateTimeFormat | undefined

export function lair(_req: Request, res: Response): void {
  allowFrame(res, 'https://giphy.com')
  sendPage(res, 'lair', { user: res.locals.user, inUtc })
}

/** Making a format takes ten milliseconds: with the first date, and not while the app starts. */
function inUtc(date: Date): string {
  utc ??= new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  return `${utc.format(date)} UTC`
}
