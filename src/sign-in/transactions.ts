/**
 * One cookie for each sign-in under way, so that two tabs do not disturb each other. Its name is a hash of the sign-in's
 * `state`. Its value is what express-openid-connect keeps of a sign-in (state, nonce, PKCE verifier), signed by the library.
 */
import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import { cookieNamed, cookieOptions, cookiesOf } from '../web/cookies.js'

const LIFETIME_MS = 600 * 1000

/** More than a person has under way at once. With one more, the oldest is dropped. */
const MOST_AT_ONCE = 5

/** All of them together, in characters: Node refuses a request with more than 16 KiB of headers. */
const MOST_CHARACTERS = 6 * 1024

/** What the cookie of a finished sign-in says before the path to which that sign-in led. */
const USED = 'used:'

/** What the `state` of a callback stands for in this browser. */
export type Transaction =
  | { status: 'unknown' }
  /** Under way. `value` is for the library. */
  | { status: 'pending'; state: string; value: string }
  /** Over: this callback has been answered before. */
  | { status: 'used'; path: string }

/** @param secure whether browsers send the cookies over https only */
export function createTransactions(secure: boolean) {
  const prefix = secure ? '__Host-lair-sign-in.' : 'lair-sign-in.'
  const attributes = cookieOptions(secure)

  function nameFor(state: string): string {
    return prefix + createHash('sha256').update(state).digest('base64url').slice(0, 22)
  }

  const isOurs = (name: string) => name.startsWith(prefix) && /^[\w-]{22}$/.test(name.slice(prefix.length))

  function dropOldest(req: Request, res: Response, incomingCharacters: number): void {
    const pending = cookiesOf(req).filter(([name]) => isOurs(name))
    const size = ([name, value]: [string, string]) => name.length + value.length
    let characters = pending.reduce((sum, cookie) => sum + size(cookie), incomingCharacters)
    while (pending.length >= MOST_AT_ONCE || characters > MOST_CHARACTERS) {
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
    /** @param path where the sign-in led; `undefined` if it failed */
    end(res: Response, state: string, path?: string): void {
      const name = nameFor(state)
      if (path === undefined) return void res.clearCookie(name, attributes)
      const value = USED + Buffer.from(path).toString('base64url')
      res.cookie(name, value, { ...attributes, maxAge: LIFETIME_MS })
    },
  }
}

/** `undefined` for a value that no server has encoded. */
function decoded(value: string | undefined): string | undefined {
  try {
    return value && decodeURIComponent(value)
  } catch {
    return undefined
  }
}
