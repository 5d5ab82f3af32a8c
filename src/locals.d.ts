import type { Person } from './sessions/session.ts'
import type { OpenedSession } from './sessions/session-cookie.ts'
import type { User } from './users/user.ts'
import type { Notice } from './web/notice.ts'

declare global {
  namespace Express {
    /** What the middleware in `app.ts` puts into `res.locals`, for later handlers and for the views. */
    interface Locals {
      /** The id of this request in the log and on error pages. */
      requestId: string
      /** The session of this request, null for a stranger; set by `sessions.identify`. */
      session: OpenedSession | null
      /** The person of `session`, as the ID token names them; null for a stranger. */
      person: Person | null
      /** The person's record in the Users API; null if there is none to show. Set by `preloadUser`. */
      user: User | null
      /** The notice that this answer leaves for the next page, or shows if it is a page itself. */
      leftNotice?: Notice
      /** In development the path of the page about settings and sign-ins. */
      developmentPage?: string
    }
  }
}
