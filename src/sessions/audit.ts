/** The lines of the log about signing in and out: who, from where, and why. */
import { hash } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Log } from '../log.js'
import type { Session } from './session.js'

/** `signed out by Okta`: see `universal-logout.ts`. That line has no address, because the request is Okta's. */
export type AuditMessage =
  | 'signed in'
  | 'sign-in failed'
  | 'signed out'
  | 'signed out everywhere'
  | 'signed out by Okta'
  | 'session ended'

/**
 * @param details.session the person's session, if there is one; the log gets a hash of its id
 * @param details.reason a code, such as `not_assigned`
 */
export function audit(
  log: Log,
  req: Request,
  res: Response,
  message: AuditMessage,
  details: { session?: Pick<Session, 'id' | 'person'> | undefined; reason?: string | undefined },
): void {
  const { session, reason } = details
  const handle = session && hash('sha256', session.id, 'base64url').slice(0, 16)
  const { requestId } = res.locals
  log.info({ requestId, ip: req.ip, session: handle, subject: session?.person.subject, reason }, message)
}
