/**
 * When the session cookie goes out. The library sends it again with every answer, up to 8 KB each time; here it goes
 * out once a tenth of the idle time has passed since it was issued, so a session ends at most that much early.
 */
import type { CookieOptions, Request, Response } from 'express'
import { cookiesOf } from './cookies.js'

/** Names of the cookies that one session may take: as a whole, or in two parts (see `session.ts`). */
export function sessionCookieNames(name: string): string[] {
  return [name, `${name}.0`, `${name}.1`]
}

/** Whether a `Cookie` header has a session cookie in it, good or bad. */
export function mayHoldSession(header: string, name: string): boolean {
  return header.includes(`${name}=`) || header.includes(`${name}.0=`)
}

/** For requests that are not to start a session; to be called before the library sees them. */
export function renewWhenDue(req: Request, res: Response, name: string, idleSeconds: number): void {
  const issued = issuedAt(req, name)
  const isDue = issued === undefined || Date.now() / 1000 - issued >= idleSeconds / 10
  holdBack(res, name, () => !isDue)
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

/**
 * When the session cookie of this request was issued, in seconds since the epoch; to be believed once the library has
 * verified the cookie. It is `uat` of the protected header (RFC 7516 section 5.1).
 */
export function issuedAt(req: Request, name: string): number | undefined {
  const cookies = cookiesOf(req)
  const whole = cookies.find(([cookie]) => cookie === name) // as the library prefers it
  const jwe = (whole ?? cookies.find(([cookie]) => cookie === `${name}.0`))?.[1]
  try {
    const header = JSON.parse(Buffer.from(jwe?.split('.')[0] ?? '', 'base64url').toString())
    return typeof header.uat === 'number' ? header.uat : undefined
  } catch {
    return undefined
  }
}
