/** Before each page: the Okta user of whoever is signed in, into `res.locals.user`. */
import type { Request, RequestHandler, Response } from 'express'
import { OktaFailure } from '../okta/failure.js'
import { oktaUnavailable } from '../okta/unavailable.js'
import { HOME, OTHER_ACCOUNT, PublicError } from '../web/public-error.js'
import { mayEnter, type UserDirectory, UserNotFound } from './user.js'

/**
 * Okta's failures fail no request: what went wrong lies in `res.locals.userProblem`, for the page to judge.
 * @param endSession called when Okta's verdict is that the account may not enter
 */
export function preloadUser(
  users: UserDirectory,
  endSession: (req: Request, res: Response, reason: string) => void,
): RequestHandler {
  return async function preloadUser(req, res, next) {
    res.locals.user = null
    res.locals.userProblem = null
    if (res.locals.person) {
      try {
        const found = users.find(res.locals.person.subject) // known people cost no promise
        const user = found instanceof Promise ? await found : found
        if (mayEnter(user)) res.locals.user = user
        else res.locals.userProblem = accountNotAllowed(user.status)
      } catch (error) {
        if (error instanceof UserNotFound) res.locals.userProblem = accountNotAllowed('deleted', error)
        else if (!(error instanceof OktaFailure)) throw error
        else {
          const retry = pathOf(req)
          res.locals.userProblem = oktaUnavailable('your profile cannot be shown', { failure: error, retry })
        }
      }
      if (res.locals.userProblem?.status === 403) endSession(req, res, 'account not allowed')
    }
    next()
  }
}

/** Path and query; the request line may have named a whole URL, of anybody's. */
function pathOf(req: Request): string {
  const query = req.url.indexOf('?')
  return req.path + (query === -1 ? '' : req.url.slice(query))
}

function accountNotAllowed(state: string, cause?: unknown): PublicError {
  const word = state.toLowerCase().replaceAll('_', ' ')
  return new PublicError(
    403,
    `Your Okta account is ${word}, so you were signed out. Ask your administrator.`,
    {
      code: 'account_not_allowed',
      title: 'The lair is closed to this account',
      nextSteps: [OTHER_ACCOUNT, HOME],
      cause,
    },
  )
}
