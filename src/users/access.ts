/** Loads the Okta user of each signed-in person, and guards every page that needs one. */
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { OktaFailure } from '../okta/failure.js'
import { oktaUnavailable } from '../okta/unavailable.js'
import type { Sessions } from '../sessions/sessions.js'
import { SITE } from '../site.js'
import { leaveNotice, takeNotice } from '../web/notice.js'
import { HOME, OTHER_ACCOUNT, PublicError } from '../web/public-error.js'
import { refuseEmbedding } from '../web/request-intent.js'
import { mayEnter, type UserDirectory, UserNotFound } from './user.js'

export type Access = ReturnType<typeof createAccess>

/**
 * @param parts.groupNames the groups that pages ask for; `requireGroup` adds to them
 * @param parts.challenge answers a stranger on a page that needs a person
 */
export function createAccess(parts: {
  users: UserDirectory
  groupNames: Set<string>
  sessions: Sessions
  challenge: (req: Request, res: Response) => Promise<void>
}) {
  const { users, groupNames, sessions, challenge } = parts
  /** Why `preloadUser` found no user. Only `requireUser` reads it. */
  const problems = new WeakMap<Response, PublicError>()

  /**
   * Middleware before every page: sets `res.locals.user`, the Okta user of the person who is signed in. It is null for
   * a stranger, and if Okta does not answer. Ends all sessions of a person whom Okta shuts out.
   */
  async function preloadUser(req: Request, res: Response, next: NextFunction): Promise<void> {
    res.locals.user = null
    const { person } = res.locals
    if (!person) return next()
    let problem: PublicError | undefined
    try {
      const user = await users.find(person.subject)
      if (mayEnter(user)) res.locals.user = user
      else problem = accountNotAllowed(user.status, new Error(`The account is ${user.status}`), STATUS_REMEDY)
    } catch (error) {
      problem = explain(error, pathOf(req))
    }
    if (problem?.status === 403) {
      sessions.endAll(req, res, 'session ended', (problem.cause as Error).message)
      leaveNotice(res, 'shut-out')
    }
    if (problem) problems.set(res, problem)
    next()
  }

  /**
   * Middleware of a page that needs a person. Its handler runs only for a person whom Okta lets in. A stranger's
   * browser goes to Okta and back, and a script without a session gets 401. A person whom Okta shuts out gets 403. If
   * Okta does not answer, a signed-in person gets 503.
   */
  function requireUser(req: Request, res: Response, next: NextFunction): Promise<void> | void {
    if (res.locals.user === undefined) throw new Error('requireUser must come after preloadUser')
    refuseEmbedding(req)
    if (res.locals.user) return next()
    const problem = problems.get(res)
    if (!problem) return challenge(req, res)
    takeNotice(res) // the error page says the same
    throw problem
  }

  /**
   * Makes the middleware of a page for the members of a group: all that `requireUser` does, and a person who is in none
   * of the groups gets 403. The session goes on. A change in Okta counts within USER_CACHE_SECONDS.
   * @param names of groups in Okta, letter by letter; one of them is enough
   * @throws {Error} there is no name, or an empty one
   */
  function requireGroup(...names: string[]): RequestHandler {
    const isMisused =
      names.length === 0 || names.some((name) => typeof name !== 'string' || name.trim() === '')
    if (isMisused) throw new Error("requireGroup needs names of groups in Okta: requireGroup('Lair keepers')")
    for (const name of names) groupNames.add(name)
    return function requireGroup(req, res, next) {
      return requireUser(req, res, () => {
        const groups = res.locals.user?.groups ?? []
        if (groups instanceof OktaFailure) {
          const what = 'the app cannot see whether this page is for you'
          throw oktaUnavailable(what, { failure: groups, retry: pathOf(req) })
        }
        if (!names.some((name) => groups.includes(name))) throw notAMember(names)
        next()
      })
    }
  }

  return { preloadUser, requireUser, requireGroup }
}

/** The error for the page. An error that does not come from Okta is thrown again. */
function explain(error: unknown, retry: string): PublicError {
  if (error instanceof UserNotFound) return accountNotAllowed('deleted', error, NOT_FOUND_REMEDY)
  if (!(error instanceof OktaFailure)) throw error
  return oktaUnavailable('your profile cannot be shown', { failure: error, retry })
}

/** If the API token or the org's URL is of another org, the Users API knows nobody, as if all accounts were deleted. */
const NOT_FOUND_REMEDY =
  'If nobody deleted this account, OKTA_ORG_URL or OKTA_AUTH_TOKEN is of another org than the one that signs people in'

const STATUS_REMEDY = 'Okta’s Admin Console: Directory > People > the person > More actions'

function accountNotAllowed(state: string, cause: Error, remedy: string): PublicError {
  const word = state.toLowerCase().replaceAll('_', ' ')
  const sentence = `Your Okta account is ${word}, so you were signed out. Ask your administrator.`
  return new PublicError(403, sentence, {
    code: 'account_not_allowed',
    title: `${SITE.name} is closed to this account`,
    nextSteps: [OTHER_ACCOUNT, HOME],
    remedy,
    cause,
  })
}

/** The person does not learn which groups there are. The log does, and in development the page. */
function notAMember(names: string[]): PublicError {
  const groups = names.map((name) => `“${name}”`).join(' or ')
  const sentence =
    'This page is for the members of a group, and you are in none that may enter. Ask your administrator.'
  return new PublicError(403, sentence, {
    code: 'not_a_member',
    title: 'The keepers do not know you',
    nextSteps: [OTHER_ACCOUNT, HOME],
    remedy: `Okta’s Admin Console: Directory > Groups > ${groups} > Assign people`,
    cause: new Error(`Not in the group ${groups}`),
  })
}

/** Path and query, without the host: a client may send a whole URL, with any host in it. */
function pathOf(req: Request): string {
  const query = req.url.indexOf('?')
  return req.path + (query === -1 ? '' : req.url.slice(query))
}
