/**
 * Opens session cookies as express-openid-connect seals them: compact JWEs (RFC 7516 section 7.1), `dir` and A256GCM.
 * The library could, but takes six times as long as a page does, through WebCrypto and with objects that outlive the
 * page. What is not plainly right, and what is due for renewal, stays with the library.
 */
import { createDecipheriv, hkdfSync } from 'node:crypto'
import type { Request } from 'express'
import { cookiesOf } from '../web/cookies.js'
import { isSession, type Session } from './session.js'
import { sessionCookieNames } from './session-cookie.js'

/** A session that counts, but for what `current-session.ts` knows of it. */
export interface OpenedSession {
  session: Session
  /** When the library must look at it again: to renew the cookie, or to end the session. Since the epoch. */
  untilMs: number
}

/** Header, empty key, nonce of 96 bits, ciphertext, tag of 128 bits. */
const SEALED = /^([\w-]+)\.\.([\w-]{16})\.([\w-]+)\.([\w-]{22})$/

/** The library ends a session this much before its `session_expiry`. */
const CEILING_LEEWAY_SECONDS = 30

/**
 * @param options.secretKeys any of them may have sealed it
 * @param options.idleSeconds a cookie is due for renewal after a tenth of it
 */
export function createSessionOpener(options: {
  cookieName: string
  secretKeys: readonly string[]
  idleSeconds: number
}): (req: Request) => OpenedSession | undefined {
  const { secretKeys, idleSeconds } = options
  const keys = secretKeys.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'JWE CEK', 32)))
  const [whole, first, second] = sessionCookieNames(options.cookieName)

  /** In the library's order of preference. */
  function sealedIn(req: Request): string {
    const cookies = cookiesOf(req)
    const value = (name: string | undefined) => cookies.find(([cookie]) => cookie === name)?.[1]
    const start = value(first)
    return value(whole) ?? (start === undefined ? '' : start + (value(second) ?? ''))
  }

  return function open(req) {
    const [, header = '', nonce = '', ciphertext = '', tag = ''] = SEALED.exec(sealedIn(req)) ?? []
    for (const key of header === '' ? [] : keys) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'))
        decipher.setAAD(Buffer.from(header)).setAuthTag(Buffer.from(tag, 'base64url'))
        const text = decipher.update(ciphertext, 'base64url', 'utf8') + decipher.final('utf8')
        const session: unknown = JSON.parse(text)
        if (!isSession(session)) return undefined
        const { uat, exp } = JSON.parse(Buffer.from(header, 'base64url').toString())
        const ceiling = (session.sessionExpiresAt ?? Number.POSITIVE_INFINITY) - CEILING_LEEWAY_SECONDS
        const untilMs = Math.min(uat + idleSeconds / 10, exp, ceiling) * 1000
        return Date.now() < untilMs ? { session, untilMs } : undefined
      } catch {} // not this key's
    }
    return undefined
  }
}
