/**
 * Remembers for a minute which session cookies the library has verified: decrypting one, and encrypting it again for
 * the answer, costs more than the whole page. What has not been verified a moment ago is for the library; whether the
 * session has been ended meanwhile is up to `current-session.ts`.
 */
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Session } from './session.js'

const REMEMBER_MS = 60_000

/** About 500 bytes each: 5 MB at most. Beyond it the longest unseen are decrypted again. */
const MAX_SESSIONS = 10_000

export interface SessionMemo {
  /**
   * The session in these cookies, if they were verified a moment ago and are not due for renewal.
   * @param cookies the `Cookie` header as it came; one that differs in a bit is another one
   */
  recall(cookies: string): Session | undefined
  /**
   * To be called when the library has found `session` in `cookies`.
   * @param issuedAtSeconds when the session cookie was issued, since the epoch
   */
  remember(cookies: string, session: Session, issuedAtSeconds: number): void
}

/** @param idleSeconds a cookie is due for renewal after a tenth of it: long before it expires */
export function createSessionMemo(idleSeconds: number): SessionMemo {
  const memo = new LRUCache<string, { session: Session; untilMs: number }>({ max: MAX_SESSIONS })
  const digest = (cookies: string) => hash('sha256', cookies, 'base64')

  return {
    recall(cookies) {
      const found = memo.get(digest(cookies))
      return found && Date.now() < found.untilMs ? found.session : undefined
    },
    remember(cookies, session, issuedAtSeconds) {
      const { idToken: _leftOut, ...rest } = session // only signing out needs it
      const renewalMs = (issuedAtSeconds + idleSeconds / 10) * 1000
      const ceilingMs = (session.sessionExpiresAt ?? Number.POSITIVE_INFINITY) * 1000
      const untilMs = Math.min(Date.now() + REMEMBER_MS, renewalMs, ceilingMs)
      memo.set(digest(cookies), { session: Object.freeze({ ...rest, idToken: null }), untilMs })
    },
  }
}
