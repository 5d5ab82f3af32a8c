/**
 * Remembers for a minute which session cookies the library has verified: decrypting one, and encrypting it again for
 * the answer, costs more than the whole page. What has not been verified a moment ago is for the library; whether the
 * session has been ended meanwhile is up to `current-session.ts`.
 */
import { hash } from 'node:crypto'
import type { Request } from 'express'
import { LRUCache } from 'lru-cache'
import { cookiesOf } from './cookies.js'
import type { Session } from './session.js'
import { issuedAt, sessionCookieNames } from './session-cookie.js'

const REMEMBER_MS = 60_000

/** About 500 bytes each: 10 MB at most. */
const MAX_SESSIONS = 20_000

export interface SessionMemo {
  /** The session in the very cookies of this request, if they were verified a moment ago and are not due for renewal. */
  recall(req: Request): Session | undefined
  /** To be called for a session that the library has just found in this request. */
  remember(req: Request, session: Session): void
}

/**
 * @param options.cookieName of the session cookie, whole or in parts
 * @param options.idleSeconds a cookie is due for renewal after a tenth of it: long before it expires
 */
export function createSessionMemo(options: { cookieName: string; idleSeconds: number }): SessionMemo {
  const names = sessionCookieNames(options.cookieName)
  const memo = new LRUCache<string, { session: Session; untilMs: number }>({ max: MAX_SESSIONS })

  /** By a digest of all that the library would look at; a cookie that differs in one bit is another one. */
  function keyOf(req: Request): string | undefined {
    const cookies = cookiesOf(req).filter(([name]) => names.includes(name))
    return cookies.length === 0 ? undefined : hash('sha256', cookies.join(';'), 'base64')
  }

  return {
    recall(req) {
      const key = keyOf(req)
      const found = key === undefined ? undefined : memo.get(key)
      return found && Date.now() < found.untilMs ? found.session : undefined
    },
    remember(req, session) {
      const key = keyOf(req)
      const issued = issuedAt(req, options.cookieName)
      if (key === undefined || issued === undefined) return
      const { idToken: _leftOut, ...rest } = session // only signing out needs it
      const renewalMs = (issued + options.idleSeconds / 10) * 1000
      const ceilingMs = (session.sessionExpiresAt ?? Number.POSITIVE_INFINITY) * 1000
      const untilMs = Math.min(Date.now() + REMEMBER_MS, renewalMs, ceilingMs)
      memo.set(key, { session: Object.freeze({ ...rest, idToken: null }), untilMs })
    },
  }
}
