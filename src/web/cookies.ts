/** The cookies of a request. */
import type { CookieOptions, Request } from 'express'
import { SITE } from '../site.js'

/**
 * The names and values of the request's cookies, as the browser sent them. Only spaces and tabs around a name or a
 * value are white space (RFC 6265 sections 4.2.1 and 5.2). For browsers other bytes are a part of the name.
 */
export function cookiesOf(req: Request): [name: string, value: string][] {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => {
    const equals = pair.indexOf('=')
    return [trimmed(pair.slice(0, Math.max(0, equals))), trimmed(pair.slice(equals + 1))] as [string, string]
  })
  return pairs.filter(([name]) => name !== '')
}

/** The value of a cookie, else `undefined`. Two cookies of one name count as none, because one of them is not ours. */
export function cookieNamed(cookies: [string, string][], name: string): string | undefined {
  const [first, second] = cookies.filter(([other]) => other === name)
  return second === undefined ? first?.[1] : undefined
}

function trimmed(text: string): string {
  const isSpace = (at: number) => text[at] === ' ' || text[at] === '\t'
  let [start, end] = [0, text.length]
  while (isSpace(start)) start++
  while (end > start && isSpace(end - 1)) end--
  return text.slice(start, end)
}

/** The name of the session cookie; the names of all other cookies begin with it. Only our own host can set `__Host-`. */
export function cookieName(secure: boolean): string {
  return secure ? `__Host-${SITE.slug}` : SITE.slug
}

/** The attributes of all cookies of the app: scripts cannot read them, and other sites cannot send forms with them. */
export function cookieOptions(secure: boolean): CookieOptions {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure }
}
