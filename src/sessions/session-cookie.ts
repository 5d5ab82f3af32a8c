/** The cookies that a session takes, and keeping the library from sending them with every answer that it sees. */
import type { CookieOptions, Request, Response } from 'express'
import { cookiesOf } from '../web/cookies.js'

/** Names of the cookies that one session may take: as a whole, or in two parts (see `session.ts`). */
export function sessionCookieNames(name: string): string[] {
  return [name, `${name}.0`, `${name}.1`]
}

/** Whether a `Cookie` header has a session cookie in it, good or bad. */
export function mayHoldSession(header: string, name: string): boolean {
  return header.includes(`${name}=`) || header.includes(`${name}.0=`)
}

/** For a request that the library has not seen; where it has, it clears the cookies of a session that is over. */
export function clearSessionCookies(req: Request, res: Response, name: string, secure: boolean): void {
  const names = sessionCookieNames(name)
  for (const [cookie] of cookiesOf(req)) {
    if (names.includes(cookie))
      res.clearCookie(cookie, { path: '/', httpOnly: true, sameSite: 'lax', secure })
  }
}

/** Keeps the session cookie from going out while `isHeld`, when the answer begins. One that clears always goes. */
export function holdBack(res: Response, name: string, isHeld: () => boolean): void {
  const names = sessionCookieNames(name)
  const cookie = res.cookie.bind(res)
  res.cookie = (cookieName: string, value: string, options: CookieOptions = {}) => {
    const held = names.includes(cookieName) && value !== '' && isHeld()
    return held ? res : cookie(cookieName, value, options)
  }
}
