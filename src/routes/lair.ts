import type { RequestHandler } from 'express'
import { allowFrame } from '../middleware/security-headers.js'
import { sendPage } from '../page.js'

export function lair(): RequestHandler {
  return function lair(_req, res) {
    const { user, userProblem } = res.locals
    if (userProblem) throw userProblem
    allowFrame(res, 'https://giphy.com')
    sendPage(res, 'lair', { user, inUtc })
  }
}

const UTC = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

function inUtc(date: Date): string {
  return `${UTC.format(date)} UTC`
}
