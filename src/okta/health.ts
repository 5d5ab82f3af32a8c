/** Whether a part of Okta that the app depends on works just now, with one line in the log each time that changes. */
import type { Log } from '../log.js'
import type { OktaFailure } from './failure.js'

export interface Health {
  /** The latest failure; `undefined` while the part works. */
  readonly failure: OktaFailure | undefined
  works(): void
  fails(failure: OktaFailure): void
}

/** @param dependency the part's name in the log, e.g. "Users API" */
export function createHealth(dependency: string, log: Log): Health {
  let failure: OktaFailure | undefined
  let failingSince = 0

  return {
    get failure() {
      return failure
    },
    works() {
      if (!failure) return
      const failedForSeconds = Math.round((Date.now() - failingSince) / 1000)
      failure = undefined
      log.info({ dependency, failedForSeconds }, `${dependency}: works again`)
    },
    fails(next) {
      const changed = failure?.kind !== next.kind || failure.status !== next.status
      if (!failure) failingSince = Date.now()
      failure = next
      if (!changed) return
      const { kind: cause, status, remedy } = next
      log[remedy ? 'error' : 'warn'](
        { dependency, cause, status, remedy, err: next },
        `${dependency}: ${cause}`,
      )
    },
  }
}
