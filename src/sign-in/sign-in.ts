/** Signing in: /login and /callback, and the answer to a stranger on a page that needs a person. */
import type { Request, Response } from 'express'
import type { AppConfig } from '../config.js'
import type { Log } from '../log.js'
import type { AuthorizationServer } from '../okta/authorization-server.js'
import { verifyIdToken } from '../okta/id-token.js'
import type { OktaSessions } from '../okta/okta-sessions.js'
import { audit } from '../sessions/audit.js'
import { createSession, type Session } from '../sessions/session.js'
import type { Sessions } from '../sessions/sessions.js'
import { isLoopback } from '../setting-values.js'
import { PublicError } from '../web/public-error.js'
import { causedElsewhere, onlyLooking, readsPages, refuseEmbedding } from '../web/request-intent.js'
import { createOpenIdConnect, returnToOf } from './openid-connect.js'
import type { RateLimit } from './rate-limit.js'
import * as refusals from './refusals.js'
import { LAIR, returnPath } from './return-path.js'
import { createSignOut } from './sign-out.js'
import { type LoginWishes, loginWishes } from './third-party-login.js'
import { createTransactions, type Pending } from './transactions.js'

export type SignIn = ReturnType<typeof createSignIn>

/** How long the app remembers a finished sign-in. A browser that sends a callback twice does so within this time. */
const SAME_CALLBACK_MS = 5000

/** A sign-in that has come to its end. `returnTo` is the path to which the browser goes. */
type Finished = { session: Session; returnTo: string }

/**
 * @param parts.now the clock for the beginning of a session, in milliseconds since the epoch
 * @param parts.onDeparture called when the app has sent a browser to Okta. The person comes back some seconds later
 */
export function createSignIn(parts: {
  config: AppConfig
  authorizationServer: AuthorizationServer
  sessions: Sessions
  oktaSessions: OktaSessions
  rateLimit: RateLimit
  log: Log
  now: () => number
  onDeparture: () => void
}) {
  const { config, authorizationServer, sessions, rateLimit, log, now, onDeparture } = parts
  const { baseUrl, oktaIssuer: issuer, oktaClientId: clientId } = config
  const secure = baseUrl.startsWith('https:')
  const openIdConnect = createOpenIdConnect(config, authorizationServer, now)
  const transactions = createTransactions(secure)
  /** The sign-ins that the app finishes just now. If a browser sends a callback twice, both get one session. */
  const finishing = new Map<string, Promise<Finished>>()

  /** Counts an attempt. @throws {PublicError} 429 */
  async function limit(req: Request): Promise<void> {
    const waitSeconds = await rateLimit(req.ip ?? '')
    if (waitSeconds !== undefined) throw refusals.tooManySignIns(waitSeconds)
  }

  /** Writes the code of a failed sign-in to the log. */
  function failed(req: Request, res: Response, error: unknown): never {
    const reason = error instanceof PublicError ? error.details.code : 'internal_error'
    audit(log, req, res, 'sign-in failed', { reason })
    throw error
  }

  /**
   * Whether the browser uses another loopback name than BASE_URL, such as 127.0.0.1 instead of localhost. Okta will
   * send it to the name in BASE_URL, where it does not have the cookies of the other name. So it must begin there.
   * Behind a proxy the request may have the proxy's name: moving the browser would then never end.
   */
  function hasOtherLoopbackName(req: Request): boolean {
    const home = new URL(baseUrl).hostname
    const host = hostnameOf(req)
    const isDirect = !secure && req.headers['x-forwarded-host'] === undefined
    return isDirect && host !== home && isLoopback(host) && isLoopback(home)
  }

  /** Sends the browser to Okta. */
  async function begin(req: Request, res: Response, wishes: LoginWishes, fresh = false): Promise<void> {
    refuseEmbedding(req)
    if (onlyLooking(req)) throw refusals.signInRequired() // no person has asked for it
    if (hasOtherLoopbackName(req)) return res.redirect(baseUrl + returnPath(req.originalUrl, baseUrl))
    await limit(req)
    const returnTo = returnPath(wishes.returnTo, baseUrl)
    const retry = returnPath(req.originalUrl, baseUrl)
    const begun = await openIdConnect
      .begin({ ...wishes, returnTo, fresh })
      .catch((error) => failed(req, res, refusals.explainFailedSignIn(error, { retry })))
    transactions.begin(req, res, begun.state, begun.transaction)
    res.once('finish', onDeparture)
    res.redirect(begun.location)
  }

  /** Redeems the code of a callback, and verifies the ID token. @throws {PublicError} */
  async function finish(query: string, { state, value }: Pending): Promise<Finished> {
    const refused = new URLSearchParams(query).has('error')
    const retry = returnPath(returnToOf(state) ?? LAIR, baseUrl)
    const explain = (when: { askedForTokens?: boolean }) => (error: unknown) => {
      throw refusals.explainFailedSignIn(error, { retry, refused, ...when })
    }
    const tokens = await openIdConnect.finish(query, value).catch(explain({ askedForTokens: true }))
    const { idToken, accessToken, sessionExpiresAt, returnTo, begunAt, freshSince } = tokens
    const { key, refreshKeys } = authorizationServer
    const expectations = { issuer, clientId, key, refreshKeys, freshSince }
    const claims = await verifyIdToken(idToken, accessToken, expectations).catch(explain({}))
    const session = createSession(claims, idToken, sessionExpiresAt, now())
    // The person may have signed in at Okta before somebody ended all sessions: Okta's code is still good then.
    if (sessions.hasEnded({ ...session, startedAt: begunAt })) throw refusals.signedOutMeanwhile(retry)
    return { session, returnTo }
  }

  function finishOnce(req: Request, transaction: Pending): Promise<Finished> {
    const query = queryOf(req)
    const callback = `${transaction.value} ${query}`
    const answer = finishing.get(callback) ?? finish(query, transaction)
    finishing.set(callback, answer)
    const forget = () => void finishing.delete(callback)
    answer.then(() => setTimeout(forget, SAME_CALLBACK_MS).unref(), forget)
    return answer
  }

  return {
    /** Answers a stranger on a page that needs a person: a browser goes to Okta and back, a script gets 401. */
    async challenge(req: Request, res: Response): Promise<void> {
      if (!readsPages(req)) throw refusals.signInRequired()
      await begin(req, res, { returnTo: req.originalUrl })
    },

    async login(req: Request, res: Response): Promise<void> {
      // Otherwise a script on another site could use up the sign-ins of the person's address.
      if (causedElsewhere(req, baseUrl) && !readsPages(req)) throw refusals.signInRequired()
      const wishes = loginWishes(req.query, config)
      const fresh = req.query.prompt === 'login'
      if (res.locals.session && !fresh) return res.redirect(wishes.returnTo)
      await begin(req, res, wishes, fresh)
    },

    async callback(req: Request, res: Response): Promise<void> {
      const transaction = transactions.find(req)
      if (transaction.status !== 'pending') {
        const path = transaction.status === 'used' ? returnPath(transaction.path, baseUrl) : LAIR
        if (!res.locals.session) throw refusals.signInNotUnderWay(path)
        return res.redirect(path)
      }
      if (onlyLooking(req)) throw refusals.signInRequired()
      await limit(req)
      const { session, returnTo } = await finishOnce(req, transaction).catch((error) => {
        transactions.end(res, transaction.state)
        return failed(req, res, error)
      })
      transactions.end(res, transaction.state, returnTo)
      sessions.begin(req, res, session)
      res.redirect(returnTo)
    },

    ...createSignOut({ ...parts, openIdConnect }),
  }
}

function hostnameOf(req: Request): string {
  const url = `http://${req.headers.host}`
  return URL.canParse(url) ? new URL(url).hostname : ''
}

/** The query with its question mark, as the browser sent it: nothing may be decoded twice. */
function queryOf({ originalUrl }: Request): string {
  const [target = ''] = originalUrl.split('#') // the library, too, leaves a fragment out
  const at = target.indexOf('?')
  return at === -1 ? '' : target.slice(at)
}
