/**
 * One transaction cookie for each sign-in, so that tabs do not disturb each other. The library knows a single
 * cookie for all of them; this renames it on its way out and back on its way in. What is inside (state, nonce,
 * PKCE verifier, signed) stays the library's; express-openid-connect#43 is what happens without.
 */
import { createHash } from 'node:crypto'
import type { CookieOptions, Request, Response } from 'express'
import { cookiesOf, replaceCookies } from '../web/cookies.js'

const LIFETIME_MS = 600 * 1000

/** More than anybody signs in with at once; beyond it the oldest is dropped. */
const MOST_AT_ONCE = 5

/** All of them together, in characters: Node refuses a request with more than 16 KiB of headers. */
const MOST_CHARACTERS = 6 * 1024

/** What stays in the cookie of a sign-in that is over, before the path it led to. */
const USED = 'used:'

/** What a callback's `state` stands for in this browser. */
export type Transaction =
  | { status: 'unknown' }
  /** Under way: the library may take the callback. */
  | { status: 'pending'; cookieName: string }
  /** Over: this callback has been taken before. */
  | { status: 'used'; path: string }

export interface Transactions {
  /** Whether a cookie of this name is one of a sign-in. */
  owns(name: string): boolean
  /** Before the library starts a sign-in: gives the cookie that it is about to set a name of its own. */
  begin(req: Request, res: Response): void
  /** Before the library sees a callback: looks up its transaction and hands the library the cookie it expects. */
  resume(req: Request, res: Response): Transaction
  /** The sign-in came to its end: `path` is where it led, `undefined` if it failed. */
  end(res: Response, cookieName: string, path?: string): void
}

/**
 * @param libraryName the one name that the library uses; ours start with it
 * @param secure whether cookies carry `Secure`
 */
export function createTransactions(libraryName: string, secure: boolean): Transactions {
  const prefix = `${libraryName}.`
  const options: CookieOptions = { httpOnly: true, sameSite: 'lax', path: '/', secure }

  function nameFor(state: string): string {
    return prefix + createHash('sha256').update(state).digest('base64url').slice(0, 22)
  }

  /** Sends every cookie that the library sets or clears under its one name through `rename`. */
  function intercept(res: Response, rename: (value: string) => void): void {
    const cookie = res.cookie.bind(res)
    res.cookie = (name: string, value: string, attributes: CookieOptions = {}) => {
      if (name !== libraryName) return cookie(name, value, attributes)
      rename(value)
      return res
    }
  }

  function dropOldest(req: Request, res: Response, incoming: number): void {
    const ours = cookiesOf(req).filter(([name]) => name.startsWith(prefix))
    const size = ([name, value]: [string, string]) => name.length + value.length
    let characters = ours.reduce((sum, pair) => sum + size(pair), incoming)
    while (ours.length >= MOST_AT_ONCE || characters > MOST_CHARACTERS) {
      const oldest = ours.shift()
      if (oldest === undefined) return
      characters -= size(oldest)
      res.clearCookie(oldest[0], options)
    }
  }

  return {
    owns: (name) => name.startsWith(prefix) && /^[\w-]{22}$/.test(name.slice(prefix.length)),

    begin(req, res) {
      const cookie = res.cookie.bind(res)
      intercept(res, (value) => {
        dropOldest(req, res, encodeURIComponent(value).length)
        const { state } = JSON.parse(value.slice(0, value.lastIndexOf('.'))) as { state: string }
        cookie(nameFor(state), value, { ...options, maxAge: LIFETIME_MS })
      })
    },

    resume(req, res) {
      const { state } = req.query
      const cookieName = typeof state === 'string' ? nameFor(state) : undefined
      const cookies = cookiesOf(req)
      const own = cookies.find(([name]) => name === cookieName)
      if (own === undefined) return { status: 'unknown' }
      const [name, value] = own
      const decoded = decode(value)
      if (decoded.startsWith(USED))
        return { status: 'used', path: Buffer.from(decoded.slice(USED.length), 'base64url').toString() }
      replaceCookies(req, [...cookies.filter(([other]) => !other.startsWith(prefix)), [libraryName, value]])
      intercept(res, () => undefined) // the library clears its one cookie; ours ends with `end`
      return { status: 'pending', cookieName: name }
    },

    end(res, cookieName, path) {
      if (path === undefined) res.clearCookie(cookieName, options)
      else
        res.cookie(cookieName, USED + Buffer.from(path).toString('base64url'), {
          ...options,
          maxAge: LIFETIME_MS,
        })
    },
  }
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
