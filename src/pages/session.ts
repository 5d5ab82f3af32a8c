/** What this site keeps about the person who is signed in, in words. */
import type { Request, RequestHandler, Response } from 'express'
import { decodeJwt } from 'jose'
import type { AppConfig } from '../config.js'
import type { OpenedSession } from '../sessions/session-cookie.js'
import type { Sessions } from '../sessions/sessions.js'
import { sendPage } from '../web/templates.js'
import { inUtc } from './in-utc.js'

/** How a person can have signed in: the values of `amr` (RFC 8176 section 2, and those that Okta adds). */
const METHODS = new Map(
  Object.entries({
    duo: 'Duo',
    face: 'face',
    fpt: 'fingerprint',
    geo: 'place',
    hwk: 'key in hardware',
    iris: 'iris',
    kba: 'security question',
    mca: 'several channels',
    mfa: 'several factors',
    okta_verify: 'Okta Verify',
    otp: 'one-time code',
    pin: 'PIN',
    pop: 'proof that a key is there',
    pwd: 'password',
    rba: 'check of the risk',
    retina: 'retina',
    sc: 'smart card',
    sms: 'text message',
    swk: 'key in software',
    tel: 'telephone call',
    user: 'touch of the device',
    vbm: 'voice',
    wia: 'sign-in to Windows',
  }),
)

export function session(
  config: Pick<
    AppConfig,
    'sessionIdleSeconds' | 'sessionMaxSeconds' | 'userCacheSeconds' | 'userStaleSeconds'
  >,
  sessions: Pick<Sessions, 'idToken' | 'inspect'>,
): RequestHandler {
  return function session(req: Request, res: Response): void {
    const current = res.locals.session as OpenedSession // `requireUser` lets nobody else in
    const idToken = sessions.idToken(req)
    const { latestMs, ...cookies } = sessions.inspect(req, current)
    sendPage(res, 'session', {
      inUtc,
      ...cookies,
      idTokenBytes: idToken?.length,
      ...whatTheIdTokenSays(idToken),
      signedInAt: new Date(current.startedAt),
      idleEnd: new Date(Math.min(current.endsAt, latestMs)),
      latestEnd: new Date(latestMs),
      idleTime: inWords(config.sessionIdleSeconds),
      mostTime: inWords(config.sessionMaxSeconds),
      profileTime: inWords(config.userCacheSeconds + config.userStaleSeconds),
    })
  }
}

/** The app has verified the ID token at sign-in, but not these claims: each may be any JSON. */
function whatTheIdTokenSays(idToken: string | undefined) {
  if (idToken === undefined) return { issuer: undefined, methods: [], provenAt: undefined }
  const { iss, amr, auth_time: authTime } = decodeJwt(idToken)
  const methods = [amr].flat().filter((method) => typeof method === 'string')
  const provenAt = new Date(typeof authTime === 'number' ? authTime * 1000 : Number.NaN)
  return {
    issuer: iss,
    methods: methods.map((method) => METHODS.get(method) ?? method),
    provenAt: Number.isNaN(provenAt.getTime()) ? undefined : provenAt,
  }
}

/** For example "1 hour", "12 hours", "90 seconds". */
function inWords(seconds: number): string {
  const [count, unit] = [
    [seconds / 86_400, 'day'],
    [seconds / 3600, 'hour'],
    [seconds / 60, 'minute'],
  ].find(([number]) => Number.isInteger(number)) ?? [seconds, 'second']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
