import type { Request, Response } from 'express'
import { allowFrame } from '../web/security-headers.js'
import { sendPage } from '../web/templates.js'

export function lair(_req: Request, res: Response): void {
  allowFrame(res, 'https://giphy.com')
  sendPage(res, 'lair', { user: res.locals.user, inUtc })
}

/** For example "1 Mar 2026, 23:05 UTC". `Intl` takes four times as long. */
function inUtc(date: Date): string {
  const [, day, month, year, time = ''] = date.toUTCString().split(' ') // Sun, 01 Mar 2026 23:05:00 GMT
  return `${Number(day)} ${month} ${year}, ${time.slice(0, 5)} UTC`
}
