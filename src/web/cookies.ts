/** Reading and rewriting a request's `Cookie` header without touching the values (RFC 6265 section 5.4). */
import type { Request } from 'express'

/** Names and raw values in the order in which the browser sent them: the oldest cookie first. */
export function cookiesOf(req: Request): [name: string, value: string][] {
  return (req.headers.cookie ?? '').split(';').flatMap((pair) => {
    const equals = pair.indexOf('=')
    return equals < 1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]]
  })
}

export function replaceCookies(req: Request, cookies: [name: string, value: string][]): void {
  req.headers.cookie = cookies.map(([name, value]) => `${name}=${value}`).join('; ')
}
