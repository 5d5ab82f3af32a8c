/** Writes and opens session cookies, and remembers for a minute those that it has opened. */
import { hash } from 'node:crypto'
import type { Request, Response } from 'express'
import { createBoundedMap } from '../bounded-map.js'
import { cookieNamed, cookieOptions, cookiesOf } from '../web/cookies.js'
import { keyFrom, seal, unseal } from './sealing.js'
import { isSession, type Session } from './session.js'

/** The session of a request, without the ID token, which only the sign-out needs. */
export interface OpenedSession extends Omit<Session, 'idToken'> {
  /** When its cookie was sealed, in milliseconds since the epoch. */
  sealedAt: number
  /** When the session ends if the cookie is not renewed, in milliseconds since the epoch. Respects `session_expiry`. */
  endsAt: number
}

/** Browsers accept cookies of 4,096 bytes. Name and attributes take at most 200 of them. */
const MAX_VALUE_LENGTH = 3896

/** A session ends so long before its `session_expiry`, because Okta's clock and ours may differ. */
const CEILING_LEEWAY_SECONDS = 30

/** In seconds since the epoch. */
const ceilingOf = ({ sessionExpiresAt = Number.POSITIVE_INFINITY }: Session) =>
  sessionExpiresAt - CEILING_LEEWAY_SECONDS

const RECALL_MS = 60_000

/** Each takes about 500 bytes, all together 5 MB. With one more, the least recently used session is dropped. */
const MAX_RECALLED = 10_000

/**
 * @param options.name the name of the cookie. A session that is too long for one cookie takes `NAME.0` and `NAME.1`
 * @param options.secure whether browsers send the cookie over https only
 * @param options.secrets the first secret seals cookies, all secrets open them
 * @param options.idleSeconds how long a sealed cookie is valid
 */
export function createSessionCookie(options: {
  name: string
  secure: boolean
  secrets: readonly [string, ...string[]]
  idleSeconds: number
}) {
  const { name, idleSeconds } = options
  const [whole, first, second] = [name, `${name}.0`, `${name}.1`]
  const [sealingKey, ...olderKeys] = options.secrets.map(keyFrom) as [Buffer, ...Buffer[]]
  const attributes = cookieOptions(options.secure)
  /** How many times a session was found in the memo, and how many times by opening the cookie. */
  const opened = { memo: 0, cookie: 0 }
  const recalled = createBoundedMap<string, { session: OpenedSession; untilMs: number }>(MAX_RECALLED)

  /** The value of the request's session cookie, or of its two parts; empty if there is none. */
  function sealedIn(req: Request): string {
    const cookies = cookiesOf(req)
    const [all, start, rest = ''] = [whole, first, second].map((part) => cookieNamed(cookies, part))
    return all ?? (start === undefined ? '' : start + rest)
  }

  /** The cookies of a sealed session, by name: one, or two if it is long. */
  function partsOf(sealed: string): Record<string, string> {
    if (sealed.length <= MAX_VALUE_LENGTH) return { [whole]: sealed }
    return { [first]: sealed.slice(0, MAX_VALUE_LENGTH), [second]: sealed.slice(MAX_VALUE_LENGTH) }
  }

  /** The session in the request's cookies; `undefined` if there is none that this app has sealed. */
  function open(req: Request): (OpenedSession & Session) | undefined {
    const sealed = sealedIn(req)
    for (const key of [sealingKey, ...olderKeys]) {
      const { times, content } = unseal(sealed, key) ?? {}
      if (!times || !isSession(content)) continue
      const endsAt = Math.min(times.exp, times.uat + idleSeconds, ceilingOf(content)) * 1000
      return { ...content, sealedAt: times.uat * 1000, endsAt }
    }
    return undefined
  }

  /** Like `open`, but without the ID token, and without decryption if the same cookies were opened within a minute. */
  function recall(req: Request): OpenedSession | undefined {
    const key = hash('sha256', req.headers.cookie ?? '', 'base64')
    const known = recalled.get(key)
    if (known && Date.now() < known.untilMs) {
      opened.memo++
      return known.session
    }
    const whole = open(req)
    if (!whole) return undefined
    opened.cookie++
    const { idToken: _tooLarge, ...session } = whole
    Object.freeze(session)
    recalled.set(key, { session, untilMs: Date.now() + RECALL_MS })
    return session
  }

  /** @returns the session as the next request will bring it */
  function write(req: Request, res: Response, session: Session): OpenedSession {
    const { id, startedAt, person, idToken, sessionExpiresAt } = session
    const content: Session = { id, startedAt, person, idToken, sessionExpiresAt }
    const uat = Math.floor(Date.now() / 1000)
    const exp = Math.min(uat + idleSeconds, sessionExpiresAt ?? Number.POSITIVE_INFINITY)
    const value = seal(content, sealingKey, { uat, iat: Math.floor(startedAt / 1000), exp })
    const parts = partsOf(value)
    for (const [part, text] of Object.entries(parts))
      res.cookie(part, text, { ...attributes, expires: new Date(exp * 1000) })
    const others = [whole, first, second].filter((cookie) => !(cookie in parts))
    clear(req, res, others)
    const endsAt = Math.min(exp, ceilingOf(session)) * 1000
    return { id, startedAt, person, sessionExpiresAt, sealedAt: uat * 1000, endsAt }
  }

  function clear(req: Request, res: Response, names = [whole, first, second]): void {
    const sent = new Set(cookiesOf(req).map(([cookie]) => cookie))
    for (const cookie of names) if (sent.has(cookie)) res.clearCookie(cookie, attributes)
  }

  /** Whether the request has a session cookie, valid or not. */
  function isIn({ headers: { cookie = '' } }: Request): boolean {
    return cookie.includes(`${whole}=`) || cookie.includes(`${first}=`)
  }

  return {
    isIn,
    open,
    opened,
    recall,
    write,
    /** The names of the request's session cookies, and how long they are together. */
    inspect(req: Request): { cookieNames: string[]; cookieBytes: number } {
      const sealed = sealedIn(req)
      return { cookieNames: Object.keys(partsOf(sealed)), cookieBytes: sealed.length }
    },
    clear: (req: Request, res: Response) => clear(req, res),
  }
}
