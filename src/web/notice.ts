/**
 * What a page says once about something that happened before: how the last session ended. The answer of that moment
 * may have been a redirect, so a cookie carries the name of the notice to the next page.
 */
import type { Response } from 'express'
import { cookieName, cookieNamed, cookieOptions, cookiesOf } from './cookies.js'
import { onlyLooking } from './request-intent.js'

export const NOTICES = {
  'signed-out': 'You are signed out.',
  'signed-out-everywhere': 'You are signed out, in every browser.',
  'signed-out-okta-not-told':
    'You are signed out here. Okta could not be told, so your session there may live on: sign out at Okta too, or close this browser.',
  'signed-out-okta-lives-on':
    'You are signed out here, in every browser. This app may not end your sessions at Okta: in other browsers they live on, and open the lair again. Sign out at Okta there, too.',
  'idle-timeout': 'Your last session ended by itself, because no page was opened for too long.',
  'absolute-timeout': 'Your last session ended by itself, because you had signed in too long ago.',
  'ended-elsewhere': 'Your last session was ended from elsewhere: by a sign-out everywhere, or by Okta.',
  'shut-out': 'Your session was ended, because Okta does not let your account in. Ask your administrator.',
} as const

export type Notice = keyof typeof NOTICES

/** The end of the cookie's name. */
const SUFFIX = '.notice'

/** Time for a person to sign in before the next page. */
const MAX_AGE_MS = 10 * 60_000

const isNotice = (text: string): text is Notice => Object.hasOwn(NOTICES, text)

/** The next page says `notice`: this answer, if it is a page, else the first page within ten minutes. */
export function leaveNotice(res: Response, notice: Notice): void {
  const { name, attributes } = cookieFor(res)
  res.locals.leftNotice = notice
  res.cookie(name, notice, { ...attributes, maxAge: MAX_AGE_MS })
}

/**
 * The notice for this page, in words; `undefined` if there is none. No later page says it again. A page that the browser
 * fetches in advance takes none: perhaps nobody sees it.
 */
export function takeNotice(res: Response): string | undefined {
  const { req, locals } = res
  const { person, leftNotice: left } = locals
  if (!left && !req.headers.cookie?.includes(`${SUFFIX}=`)) return undefined // nearly every page: nothing else to do
  if (onlyLooking(req)) return undefined
  const { name, attributes } = cookieFor(res)
  const sent = cookieNamed(cookiesOf(req), name)
  const notice = left ?? sent
  delete locals.leftNotice
  if (left) removeCookie(res, name)
  if (sent) res.clearCookie(name, attributes)
  if (!notice || !isNotice(notice)) return undefined
  return person && notice.startsWith('signed-out') ? undefined : NOTICES[notice]
}

function cookieFor({ app }: Response) {
  const secure: boolean = app.get('secure cookies')
  return { name: cookieName(secure) + SUFFIX, attributes: cookieOptions(secure) }
}

/** Takes a cookie out of the answer. */
function removeCookie(res: Response, name: string): void {
  const lines = [res.getHeader('Set-Cookie') ?? []].flat().map(String)
  const others = lines.filter((line) => !line.startsWith(`${name}=`))
  res.removeHeader('Set-Cookie')
  if (others.length > 0) res.setHeader('Set-Cookie', others)
}
