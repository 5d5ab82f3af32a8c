/**
 * Okta Universal Logout: Okta asks the app to end every session of a person. The request has no cookie and no session:
 * only Okta's signed token makes it count. https://developer.okta.com/docs/guides/oin-universal-logout-overview/
 */
import type { Request, RequestHandler, Response } from 'express'
import type { AppConfig } from '../config.js'
import type { Log } from '../log.js'
import type { OktaFailure } from '../okta/failure.js'
import {
  issuersOf,
  type RevocationToken,
  RevocationTokenRefused,
  type RevocationTokens,
  revocationEndpoint,
} from '../okta/revocation-token.js'
import { oktaUnavailable } from '../okta/unavailable.js'
import type { EndedSessions } from '../sessions/ended-sessions.js'
import { createJsonBody } from '../web/json-body.js'
import { PublicError } from '../web/public-error.js'
import { createRateLimit } from './rate-limit.js'
import { type Subject, subjectIn } from './subject.js'
import type { UsedTokens } from './used-tokens.js'

/** A subject has less than 1 KB. */
const MAX_BODY_BYTES = 8 * 1024

/** Requests from one address without a good token. More of them in a minute get 429. Okta's own are not counted. */
const REFUSALS_PER_MINUTE = 60

/** One token alone: if a request has two headers `Authorization`, Node joins them with a comma. */
const BEARER = /^Bearer +([\w.-]+)$/i

/**
 * @param parts.idsByEmail the ids of all Okta users with an e-mail address. Throws `OktaFailure`
 * @param parts.now milliseconds since the epoch
 */
export function createUniversalLogout(parts: {
  config: AppConfig
  tokens: Pick<RevocationTokens, 'verify'>
  usedTokens: UsedTokens
  endedSessions: Pick<EndedSessions, 'endAll' | 'shared'>
  idsByEmail: (email: string) => Promise<string[]>
  log: Log
  now: () => number
}): RequestHandler {
  const { config, tokens, usedTokens, endedSessions, idsByEmail, log, now } = parts
  const issuers = issuersOf(config)
  const jsonBody = createJsonBody(MAX_BODY_BYTES)
  const countRefusal = createRateLimit(REFUSALS_PER_MINUTE, now)
  /** The ids of the tokens whose work is under way. */
  const atWork = new Set<string>()

  async function tokenOf(req: Request): Promise<RevocationToken> {
    const [, token] = BEARER.exec(req.get('authorization') ?? '') ?? []
    if (token === undefined) throw noCredential()
    return tokens.verify(token).catch((error) => {
      throw error instanceof RevocationTokenRefused ? badCredential(error, config) : keysUnavailable(error)
    })
  }

  /** Counts a request that is not known to be Okta's. The answer is `error`, or 429 after too many. */
  function turnAway(req: Request, res: Response, error: unknown): never {
    const waitSeconds = countRefusal(req.ip ?? '')
    if (waitSeconds !== undefined) throw tooManyRefusals(waitSeconds)
    const { status, details } = Object(error) as Partial<PublicError>
    const challenge = details?.code === 'no_credential' ? 'Bearer' : 'Bearer error="invalid_token"'
    if (status === 401) res.set('WWW-Authenticate', challenge) // RFC 6750 section 3
    throw error
  }

  /** @returns the ids of the people; `undefined` if the token was used before. A token whose work failed is not used */
  async function endOnce({ id, expiresAtMs }: RevocationToken, subject: Subject) {
    if (atWork.has(id)) return undefined
    atWork.add(id)
    try {
      if (await usedTokens.has(id)) return undefined
      const ids = await idsOf(subject)
      for (const person of ids) endedSessions.endAll(person)
      await endedSessions.shared().catch(() => {
        throw notShared()
      })
      return (await usedTokens.use(id, expiresAtMs)) ? ids : undefined
    } finally {
      atWork.delete(id)
    }
  }

  async function idsOf(subject: Subject): Promise<string[]> {
    if ('id' in subject) return [subject.id]
    const ids = await idsByEmail(subject.email).catch((failure: OktaFailure) => {
      const what = 'the person with this e-mail address cannot be found'
      throw oktaUnavailable(what, { failure, retry: '/', cause: failure })
    })
    if (ids.length === 0) throw nobodyThere() // on the Users API's word: the app itself does not know everybody
    return ids
  }

  return async function universalLogout(req, res) {
    const token = await tokenOf(req).catch((error) => turnAway(req, res, error))
    const subject = subjectIn(await jsonBody(req, res), issuers)
    if (!subject) throw unknownSubject()
    const ids = await endOnce(token, subject)
    if (!ids) return turnAway(req, res, tokenUsed())
    for (const id of ids) log.info({ requestId: res.locals.requestId, subject: id }, 'signed out by Okta')
    res.status(204).end()
  }
}

function noCredential(): PublicError {
  const details = { code: 'no_credential', title: 'Who asks?' }
  return new PublicError(401, 'This request needs one token of Okta’s in the header Authorization.', details)
}

function badCredential(cause: RevocationTokenRefused, config: AppConfig): PublicError {
  const remedy = `If Okta sent this: its endpoint for Universal Logout must be ${revocationEndpoint(config)}, and the clock of this server right`
  const details = { code: 'bad_credential', title: 'Not Okta’s word', remedy, cause }
  return new PublicError(401, 'The token of this request is not one of Okta’s for this address.', details)
}

function tokenUsed(): PublicError {
  const details = { code: 'token_used', title: 'Heard already' }
  return new PublicError(401, 'The token of this request has been used before.', details)
}

/** The log has a line about the keys already. */
function keysUnavailable(failure: OktaFailure): PublicError {
  return oktaUnavailable('this request cannot be checked', { failure, retry: '/' })
}

function tooManyRefusals(retryAfterSeconds: number): PublicError {
  const details = { code: 'too_many_refusals', title: 'One at a time', retryAfterSeconds }
  return new PublicError(429, 'Too many requests without a good token came from your network.', details)
}

function unknownSubject(): PublicError {
  const remedy =
    'The app knows the formats email, opaque and iss_sub: of this org, with the id of an Okta user. In Okta’s Admin Console, choose another subject format'
  const details = { code: 'unknown_subject', title: 'Who is meant?', remedy }
  return new PublicError(400, 'This request does not name a person in a way that this app knows.', details)
}

/** The marks wait in the memory of this instance: if it ends before it could share them, they are lost. */
function notShared(): PublicError {
  const details = { code: 'not_shared', title: 'The word does not get round', retryAfterSeconds: 5 }
  const sentence = 'The sessions are ended on one instance of this app. The others could not be told yet.'
  return new PublicError(503, sentence, details)
}

function nobodyThere(): PublicError {
  const details = { code: 'nobody_there', title: 'Nobody by that name' }
  return new PublicError(404, 'Okta knows nobody with this e-mail address.', details)
}
