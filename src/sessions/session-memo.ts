/**
 * Remembers for a minute which session cookies were opened, and what was in them: somebody who clicks on is known by a
 * digest of the cookies. Whether the session has been ended meanwhile is up to `current-session.ts`.
 */
import { hash } from 'node:crypto'
import type { Request } from 'express'
import { LRUCache } from 'lru-cache'
import type { OpenedSession } from './sealed-session.js'
import type { Session } from './session.js'

const REMEMBER_MS = 60_000

/** About 500 bytes each: 5 MB at most. Beyond it the longest unseen are opened again. */
const MAX_SESSIONS = 10_000

/**
 * @param open finds the session in the cookies of a request
 * @returns does the same, without the ID token, which only signing out needs
 */
export function rememberOpened(
  open: (req: Request) => OpenedSession | undefined,
): (req: Request) => Session | undefined {
  const memo = new LRUCache<string, OpenedSession>({ max: MAX_SESSIONS })

  return function sessionOf(req) {
    const key = hash('sha256', req.headers.cookie ?? '', 'base64') // one that differs in a bit is another one
    const known = memo.get(key)
    if (known && Date.now() < known.untilMs) return known.session
    const opened = open(req)
    if (!opened) return undefined
    const session = Object.freeze({ ...opened.session, idToken: null })
    memo.set(key, { session, untilMs: Math.min(Date.now() + REMEMBER_MS, opened.untilMs) })
    return session
  }
}
