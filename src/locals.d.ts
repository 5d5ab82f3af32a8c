import type { OktaFailure } from './okta/failure.ts'
import type { Person } from './sessions/person.ts'
import type { Transaction } from './sign-in/transactions.ts'
import type { User } from './users/user.ts'
import type { PublicError } from './web/public-error.ts'

declare global {
  namespace Express {
    /** What the way through `app.ts` leaves in `res.locals`, for the stops after it and for the views. */
    interface Locals {
      /** Names this request in the log and on error pages. */
      requestId: string
      /** How long an asset may be kept: its `Cache-Control`. */
      caching?: string
      /** Who is signed in, by the ID token; set by `signIn`. */
      person: Person | null
      /** The Okta user, by the Users API; set by `preloadUser`. */
      user: User | null
      /** Why there is a person and yet no user: 403 a verdict of Okta's, 503 Okta cannot say. */
      userProblem: PublicError | null
      /** For `auth/` alone: the sign-in of a callback, whether it came to its end, the library's last task, how Okta failed in it. */
      transaction?: Transaction
      signedInNow?: boolean
      libraryStep?: 'login' | 'callback' | 'logout'
      oktaFailure?: OktaFailure
    }
  }
}
