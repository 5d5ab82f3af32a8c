/** Who a request comes from: finds its session, renews its cookie, and begins and ends sessions. */
import type { NextFunction, Request, Response } from 'express'
import type { AppConfig } from '../config.js'
import type { Log } from '../log.js'
import { audit } from './audit.js'
import type { EndedSessions } from './ended-sessions.js'
import { idTokenOf, type Session } from './session.js'
import { createSessionCookie, type OpenedSession } from './session-cookie.js'

export interface Sessions {
  /** Middleware: sets `res.locals.session` and `res.locals.person`, both null for a stranger. */
  identify(req: Request, res: Response, next: NextFunction): void
  /**
   * Middleware for pages: sends the cookie again once a tenth of the idle timeout has passed. It comes after all that
   * makes a page wait, so that it does not bring back a session that another tab has ended meanwhile.
   */
  renew(req: Request, res: Response, next: NextFunction): void
  /** Begins a session, and ends the one that the browser had before. */
  begin(req: Request, res: Response, session: Session): void
  /** Ends the request's session. From here on no request counts that has its cookie, in flight or copied. */
  end(req: Request, res: Response, message: 'signed out' | 'session ended', reason?: string): void
  /** The ID token with which the person signed in; `undefined` where it was too large to keep. */
  idToken(req: Request): string | undefined
}

/** @param config.sessionMaxSeconds absolute timeout, from sign-in */
export function createSessions(config: AppConfig, ended: EndedSessions, log: Log): Sessions {
  const secure = config.baseUrl.startsWith('https:')
  const cookie = createSessionCookie({
    name: secure ? '__Host-lair' : 'lair',
    secure,
    secretKeys: config.secretKeys,
    idleSeconds: config.sessionIdleSeconds,
  })
  const renewAfterSeconds = config.sessionIdleSeconds / 10

  /** Why the session is over by itself; `undefined` while it is not. */
  function timedOut({ startedAt, endsAt }: OpenedSession): string | undefined {
    if (Date.now() - startedAt >= config.sessionMaxSeconds * 1000) return 'absolute timeout'
    return Date.now() < endsAt * 1000 ? undefined : 'idle timeout'
  }

  function take(res: Response, session: OpenedSession | null): void {
    res.locals.session = session
    res.locals.person = session?.person ?? null
  }

  return {
    identify(req, res, next) {
      take(res, null)
      if (!cookie.isIn(req)) return next()
      const session = cookie.recall(req)
      const isOver = !session || ended.has(session)
      const reason = isOver ? undefined : timedOut(session)
      if (isOver || reason) cookie.clear(req, res)
      else take(res, session)
      if (session && reason) audit(log, req, res, 'session ended', { session, reason })
      next()
    },
    renew(req, res, next) {
      const { session } = res.locals
      const isDue = session && Date.now() >= (session.sealedAt + renewAfterSeconds) * 1000
      const whole = isDue && !ended.has(session) ? cookie.open(req) : undefined
      if (whole) cookie.write(req, res, whole)
      next()
    },
    begin(req, res, session) {
      if (res.locals.session) ended.end(res.locals.session)
      cookie.write(req, res, session)
      audit(log, req, res, 'signed in', { session })
    },
    end(req, res, message, reason) {
      const { session } = res.locals
      if (!session) return
      ended.end(session)
      take(res, null)
      cookie.clear(req, res)
      audit(log, req, res, message, { session, reason })
    },
    idToken(req) {
      const session = cookie.open(req)
      return session && idTokenOf(session)
    },
  }
}
