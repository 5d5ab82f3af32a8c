/**
 * The session that a request came with: whose it is, whether it still counts, and its end. It comes
 * opened, by `sealed-session.ts` or by the library; starting one is up to `sign-in.ts`.
 */
import { createHash } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import type { Log } from '../log.js'
import { createEndedSessions } from './ended-sessions.js'
import { isSession, type Session } from './session.js'
import { clearSessionCookies } from './session-cookie.js'

export interface CurrentSession {
  /** In place of the library: takes up a session that was opened without it, unless it is over. */
  resume(req: Request, res: Response, session: Session): boolean
  /** Middleware behind the library: sets `res.locals.person`, null without a session that counts. */
  identify(req: Request, res: Response, next: NextFunction): void
  of(req: Request): Session | undefined
  /** Ends it before its time; whatever still holds the cookie, in flight or copied, holds nothing from here on. */
  end(req: Request, res: Response, msg: 'signed out' | 'session ended', reason?: string): void
  /** Ends it without a word, because another one takes its place. */
  giveWay(req: Request): void
  /** One line in the log about `session`, or about a sign-in that came to none. */
  record(
    req: Request,
    res: Response,
    msg: string,
    details: { session?: Session; reason?: string | undefined },
  ): void
}

/**
 * @param options.cookieName also the name under which the library leaves the session on the request
 * @param options.secure whether cookies carry `Secure`
 * @param options.maxSeconds absolute timeout, from sign-in
 */
export function createCurrentSession(options: {
  cookieName: string
  secure: boolean
  maxSeconds: number
  log: Log
}): CurrentSession {
  const { cookieName, secure, maxSeconds, log } = options
  const ended = createEndedSessions({ maxSeconds })

  function of(req: Request): Session | undefined {
    const session: unknown = Reflect.get(req, cookieName)
    return isSession(session) ? { ...session } : undefined
  }

  function isTooOld(session: Session): boolean {
    return Date.now() - session.startedAt >= maxSeconds * 1000
  }

  /** The library clears the cookies of a session that is empty, and can still fill it anew; without it, we do. */
  function drop(req: Request, res: Response): void {
    res.locals.person = null
    if (req.oidc === undefined) {
      Reflect.deleteProperty(req, cookieName)
      clearSessionCookies(req, res, cookieName, secure)
    } else {
      const session = Reflect.get(req, cookieName) as object
      for (const key of Object.keys(session)) Reflect.deleteProperty(session, key)
    }
  }

  const record: CurrentSession['record'] = (req, res, msg, { session, reason }) => {
    const handle = session && createHash('sha256').update(session.id).digest('base64url').slice(0, 16)
    const { requestId } = res.locals
    log.info({ requestId, ip: req.ip, session: handle, subject: session?.person.subject, reason }, msg)
  }

  const end: CurrentSession['end'] = (req, res, msg, reason) => {
    const session = of(req)
    if (!session) return
    ended.end(keyOf(session))
    drop(req, res)
    record(req, res, msg, { session, reason })
  }

  return {
    of,
    end,
    record,
    resume(req, res, session) {
      if (ended.has(keyOf(session)) || isTooOld(session)) return false
      Reflect.set(req, cookieName, session)
      res.locals.person = session.person
      return true
    },
    identify(req, res, next) {
      const session = of(req)
      res.locals.person = session?.person ?? null
      if (session && ended.has(keyOf(session))) drop(req, res)
      else if (session && isTooOld(session)) end(req, res, 'session ended', 'absolute timeout')
      next()
    },
    giveWay(req) {
      const session = of(req)
      if (session) ended.end(keyOf(session))
    },
  }
}

function keyOf({ id, startedAt, person }: Session) {
  return { id, startedAt, subject: person.subject }
}
