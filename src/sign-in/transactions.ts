/**
 * One cookie for each sign-in under way, so that two tabs do not disturb each other. The name of the cookie has a hash
 * of the sign-in's `state`. Its value is what express-openid-connect has signed: state, nonce and PKCE verifier.
 */
import { hash } from 'node:crypto'
import type { Request, Response } from 'express'
import { cookieName, cookieNamed, cookieOptions, cookiesOf } from '../web/cookies.js'

const LIFETIME_MS = 600 * 1000

/** People seldom have so many sign-ins under way. With one more, the oldest is dropped. */
const MAX_AT_ONCE = 5

/** The most characters of these cookies together. Node refuses a request with more than 16 KiB of headers. */
const MAX_CHARACTERS = 6 * 1024

/** The cookie of a finished sign-in has this word, and then the path to which the browser went. */
const USED = 'used:'

/** A sign-in under way. `value` is for the library. */
export type Pending = { status: 'pending'; state: string; value: string }

/** The sign-in of this browser to which the `state` of a callback belongs. */
export type Transaction =
  | { status: 'unknown' }
  | Pending
  /** Finished: the app has answered this callback before. */
  | { status: 'used'; path: string }

/** @param secure whether browsers send the cookies over https only */
export function createTransactions(secure: boolean) {
  const prefix = `${cookieName(secure)}-sign-in.`
  const attributes = cookieOptions(secure)

  function nameFor(state: string): string {
    return prefix + hash('sha256', state, 'base64url').slice(0, 22)
  }

  const isOurs = (name: string) => name.startsWith(prefix) && /^[\w-]{22}$/.test(name.slice(prefix.length))

  function dropOldest(req: Request, res: Response, incomingCharacters: number): void {
    const pending = cookiesOf(req).filter(([name]) => isOurs(name))
    const size = ([name, value]: [string, string]) => name.length + value.length
    let characters = pending.reduce((sum, cookie) => sum + size(cookie), incomingCharacters)
    while (pending.length >= MAX_AT_ONCE || characters > MAX_CHARACTERS) {
      const oldest = pending.shift()
      if (oldest === undefined) return
      characters -= size(oldest)
      res.clearCookie(oldest[0], attributes)
    }
  }

  return {
    begin(req: Request, res: Response, state: string, value: string): void {
      dropOldest(req, res, encodeURIComponent(value).length)
      res.cookie(nameFor(state), value, { ...attributes, maxAge: LIFETIME_MS })
    },
    /** Finds the sign-in to which a callback belongs. */
    find(req: Request): Transaction {
      const { state } = req.query
      if (typeof state !== 'string') return { status: 'unknown' }
      const value = decoded(cookieNamed(cookiesOf(req), nameFor(state)))
      if (value === undefined) return { status: 'unknown' }
      if (!value.startsWith(USED)) return { status: 'pending', state, value }
      return { status: 'used', path: Buffer.from(value.slice(USED.length), 'base64url').toString() }
    },
    /** @param path where the browser goes after the sign-in; `undefined` if the sign-in failed */
    end(res: Response, state: string, path?: string): void {
      const name = nameFor(state)
      if (path === undefined) return void res.clearCookie(name, attributes)
      const value = USED + Buffer.from(path).toString('base64url')
      res.cookie(name, value, { ...attributes, maxAge: LIFETIME_MS })
    },
  }
}

/** `undefined` for a value that is not URL-encoded text. */
function decoded(value: string | undefined): string | undefined {
  try {
    return value && decodeURIComponent(value)
  } catch {
    return undefined
  }
}
