import type { Person } from './sessions/session.ts'
import type { OpenedSession } from './sessions/session-cookie.ts'
import type { User } from './users/user.ts'

declare global {
  namespace Express {
    /** What the way through `app.ts` leaves in `res.locals` for the stops after it, and for the views. */
    interface Locals {
      /** Names this request in the log and on error pages. */
      requestId: string
      /** The session of this request, null for a stranger; set by `sessions.identify`. */
      session: OpenedSession | null
      /** Who is signed in, by the ID token; the person of `session`. */
      person: Person | null
      /** The Okta user, by the Users API; set by `preloadUser`. */
      user: User | null
    }
  }
}
