/** What the app remembers beyond one request: in the memory of this process, or shared with other instances. */
import type { AppConfig } from './config.js'
import type { Log } from './log.js'
import { createEndedSessions, type EndedSessions } from './sessions/ended-sessions.js'
import { createRateLimit, type RateLimit } from './sign-in/rate-limit.js'
import { createUsedTokens, type UsedTokens } from './sign-in/used-tokens.js'
import type { UserDirectory } from './users/user.js'

export interface Stores {
  endedSessions: EndedSessions
  signInLimit: RateLimit
  /** The tokens of Universal Logout that have done their work. */
  usedTokens: UsedTokens
  /** The clock for the beginning of sessions, in milliseconds since the epoch. */
  now(): number
  /**
   * A directory that asks `directory` only for people whom no other instance has asked for just now.
   * @param groupNames the groups that pages ask for
   */
  shareUsers(directory: UserDirectory, groupNames: ReadonlySet<string>): UserDirectory
  /** Names what the app should know before it gets requests, and is still reading. */
  reading(): string[]
  /** Names what the stores need and do not have now. The app works without it. */
  missing(): string[]
  /** For the metrics: how many marks of ended sessions Redis may not have, and how long ago its stream was read. */
  redis: { unshared(): number; silentSeconds(): number } | undefined
  /** Resolves when the other instances know which sessions have ended, or cannot be told. */
  close(): Promise<void>
}

export type StoresOptions = { config: AppConfig; log: Log; now: () => number }

/** Stores of one instance alone. A restart forgets what they hold. */
export function createLocalStores({ config, now }: StoresOptions): Stores {
  return {
    endedSessions: {
      ...createEndedSessions({ maxSeconds: config.sessionMaxSeconds }),
      shared: async () => undefined,
    },
    signInLimit: createRateLimit(config.signInLimitPerMinute),
    usedTokens: createUsedTokens(now),
    now: () => Date.now(),
    shareUsers: (directory) => directory,
    reading: () => [],
    missing: () => [],
    redis: undefined,
    close: async () => undefined,
  }
}
