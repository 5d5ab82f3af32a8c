import type { RequestHandler } from 'express'
import { allowFrame } from '../web/security-headers.js'
import { sendPage } from '../web/templates.js'

export function lair(): RequestHandler {
  let utc: Intl.DateTimeFormat | undefined // making one takes ten milliseconds: not while the app starts

  function inUtc(date: Date): string {
    utc ??= new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
    return `${utc.format(date)} UTC`
  }

  return function lair(_req, res) {
    const { user, userProblem } = res.locals
    if (userProblem) throw userProblem
    allowFrame(res, 'https://giphy.com')
    sendPage(res, 'lair', { user, inUtc })
  }
}
