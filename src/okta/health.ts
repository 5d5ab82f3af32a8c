/** Something at Okta that the app depends on: whether it fails just now, and one line in the log when that changes. */
import type { Log } from '../log.js'
import type { OktaFailure } from './failure.js'

export interface Dependency {
  /** How it failed last; `undefined` while it works. */
  readonly failure: OktaFailure | undefined
  works(): void
  fails(failure: OktaFailure): void
}

/** @param name as the log tells it, e.g. "Users API" */
export function createDependency(name: string, log: Log): Dependency {
  let failure: OktaFailure | undefined
  let failingSince = 0

  return {
    get failure() {
      return failure
    },
    works() {
      if (!failure) return
      const seconds = Math.round((Date.now() - failingSince) / 1000)
      failure = undefined
      log.info({ dependency: name, failedForSeconds: seconds }, `${name}: works again`)
    },
    fails(next) {
      const changed = failure?.kind !== next.kind || failure.status !== next.status
      if (!failure) failingSince = Date.now()
      failure = next
      if (!changed) return
      const { kind, status, remedy } = next
      log[remedy ? 'error' : 'warn'](
        { dependency: name, cause: kind, status, remedy, err: next },
        `${name}: ${kind}`,
      )
    },
  }
}
