/** Whether a part of Okta, or Redis, works just now. Each time this changes, the log gets one line. */
import type { Log } from '../log.js'
import type { OktaFailure } from './failure.js'

/** What the app depends on, as the log and the metrics name it. */
export const DEPENDENCIES = [
  'discovery',
  'signing keys',
  'signing keys of the org',
  'signing keys for Universal Logout',
  'token endpoint',
  'access token',
  'Users API',
  'clock',
  'Redis',
] as const

export type Dependency = (typeof DEPENDENCIES)[number]

export type Health = ReturnType<typeof createHealth<OktaFailure>>

/** What the log tells of a failure: `kind`, and if known the status and error of the answer, and the remedy. */
type Failure = Error &
  Pick<OktaFailure, 'remedy'> &
  Partial<Pick<OktaFailure, 'status' | 'oauthError'>> & { kind: string }

export function createHealth<F extends Failure = OktaFailure>(dependency: Dependency, log: Log) {
  let failure: F | undefined
  let failingSince = 0

  return {
    /** The latest failure; `undefined` while the part works. */
    failure: () => failure,
    works(): void {
      if (!failure) return
      const failedForSeconds = Math.round((Date.now() - failingSince) / 1000)
      failure = undefined
      log.info({ dependency, failedForSeconds }, `${dependency}: works again`)
    },
    fails(next: F): void {
      const { kind: cause, status, oauthError, remedy } = next
      const changed =
        failure?.kind !== cause || failure.status !== status || failure.oauthError !== oauthError
      if (!failure) failingSince = Date.now()
      failure = next
      if (!changed) return
      const entry = { dependency, cause, status, oauthError, remedy, err: next }
      log[remedy ? 'error' : 'warn'](entry, `${dependency}: ${cause}`)
    },
  }
}
