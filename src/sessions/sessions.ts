/** Finds the session of a request, renews its cookie, and begins and ends sessions. */
import type { NextFunction, Request, Response } from 'express'
import type { AppConfig } from '../config.js'
import type { Log } from '../log.js'
import { cookieName } from '../web/cookies.js'
import { leaveNotice, type Notice } from '../web/notice.js'
import { type AuditMessage, audit } from './audit.js'
import type { EndedSessions } from './ended-sessions.js'
import { cookieSecrets } from './sealing.js'
import { idTokenOf, type Session } from './session.js'
import { createSessionCookie, type OpenedSession } from './session-cookie.js'

export type Sessions = ReturnType<typeof createSessions>

/**
 * @param config.sessionMaxSeconds the absolute timeout, counted from sign-in
 * @param now the clock for the beginning of sessions, in milliseconds since the epoch
 */
export function createSessions(config: AppConfig, ended: EndedSessions, log: Log, now: () => number) {
  const secure = config.baseUrl.startsWith('https:')
  const cookie = createSessionCookie({
    name: cookieName(secure),
    secure,
    secrets: cookieSecrets(config),
    idleSeconds: config.sessionIdleSeconds,
  })
  const renewAfterMs = config.sessionIdleSeconds * 100 // a tenth

  /** How the session has ended; `undefined` if it lives. */
  function endOf(session: OpenedSession): Notice | undefined {
    if (ended.has(session)) return 'ended-elsewhere'
    if (now() - session.startedAt >= config.sessionMaxSeconds * 1000) return 'absolute-timeout'
    return Date.now() < session.endsAt ? undefined : 'idle-timeout'
  }

  /** The session in the request's cookie. If there is no valid one, the answer deletes the cookie. */
  function inCookie(req: Request, res: Response): OpenedSession | null {
    const session = cookie.recall(req)
    const end = session && endOf(session)
    if (session && !end) return session
    cookie.clear(req, res)
    if (end) leaveNotice(res, end)
    if (end && end !== 'ended-elsewhere')
      audit(log, req, res, 'session ended', { session, reason: end.replace('-', ' ') })
    return null
  }

  function forget(
    req: Request,
    res: Response,
    session: OpenedSession,
    message: AuditMessage,
    reason?: string,
  ): void {
    take(res, null)
    cookie.clear(req, res)
    audit(log, req, res, message, { session, reason })
  }

  function take(res: Response, session: OpenedSession | null): void {
    res.locals.session = session
    res.locals.person = session?.person ?? null
  }

  return {
    opened: cookie.opened as Readonly<typeof cookie.opened>,
    /** Middleware: sets `res.locals.session` and `res.locals.person`. Both are null for a stranger. */
    identify(req: Request, res: Response, next: NextFunction): void {
      take(res, cookie.isIn(req) ? inCookie(req, res) : null)
      next()
    },
    /**
     * Middleware for pages: renews the cookie after a tenth of the idle timeout. It runs after every middleware that
     * waits, and never renews a session that another tab has ended meanwhile.
     */
    renew(req: Request, res: Response, next: NextFunction): void {
      const { session } = res.locals
      const isDue = session && Date.now() >= session.sealedAt + renewAfterMs
      const whole = isDue && !ended.has(session) ? cookie.open(req) : undefined
      if (whole) res.locals.session = cookie.write(req, res, whole)
      next()
    },
    /** Whether a session of this person that began at this time has ended. */
    hasEnded: ended.has,
    /** Begins a session, and ends the one that the browser had before. */
    begin(req: Request, res: Response, session: Session): void {
      const before = res.locals.session
      if (before && before.id !== session.id) ended.end(before)
      cookie.write(req, res, session)
      audit(log, req, res, 'signed in', { session })
    },
    /** Ends the request's session. From now on the cookie and all its copies are worthless. */
    end(req: Request, res: Response): void {
      const { session } = res.locals
      if (!session) return
      ended.end(session)
      forget(req, res, session, 'signed out')
    },
    /** Ends all sessions of the request's person, in every browser. */
    endAll(
      req: Request,
      res: Response,
      message: 'signed out everywhere' | 'session ended',
      reason?: string,
    ): void {
      const { session } = res.locals
      if (!session) return
      ended.endAll(session.person.subject)
      ended.end(session) // also if the clock was set back since it began
      forget(req, res, session, message, reason)
    },
    /** Resolves when all instances can know which sessions have ended, or when that must wait. */
    shared: () => ended.shared().catch(() => undefined),
    /** What the request's cookies are, and when the session ends at the latest, in milliseconds since the epoch. */
    inspect(req: Request, { startedAt, sessionExpiresAt = Number.POSITIVE_INFINITY }: OpenedSession) {
      const latestMs = Math.min(startedAt + config.sessionMaxSeconds * 1000, sessionExpiresAt * 1000)
      return { ...cookie.inspect(req), latestMs }
    },
    /** The ID token with which the person signed in; `undefined` if it was too large to keep. */
    idToken(req: Request): string | undefined {
      const session = cookie.open(req)
      return session && idTokenOf(session)
    },
  }
}
