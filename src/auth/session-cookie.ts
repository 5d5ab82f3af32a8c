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

/** For requests that are not to start a session; to be called before the library sees them. */
export function renewWhenDue(req: Request, res: Response, name: string, idleSeconds: number): void {
  const names = sessionCookieNames(name)
  const issuedAt = issueTime(cookiesOf(req).find(([cookie]) => names.includes(cookie))?.[1])
  const isDue = issuedAt === undefined || Date.now() / 1000 - issuedAt >= idleSeconds / 10
  holdBack(res, name, () => !isDue)
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

/** `uat` of the protected header, which the library authenticates with the rest (RFC 7516 section 5.1). */
function issueTime(jwe: string | undefined): number | undefined {
  try {
    const header = JSON.parse(Buffer.from(jwe?.split('.')[0] ?? '', 'base64url').toString())
    return typeof header.uat === 'number' ? header.uat : undefined
  } catch {
    return undefined
  }
}
