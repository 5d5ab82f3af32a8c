/** Remembers the tokens that have done their work, so that nobody can use one again. */
import { createBoundedMap } from '../bounded-map.js'

export interface UsedTokens {
  /** Whether the token was used before. */
  has(id: string): boolean | Promise<boolean>
  /** Notes that the token has done its work. @returns whether this is its first use, remembered until `expiresAtMs` */
  use(id: string, expiresAtMs: number): boolean | Promise<boolean>
}

/** Each takes about 200 bytes. Only Okta can make these tokens. With one more, the oldest is forgotten. */
const MAX_TOKENS = 20_000

/**
 * Keeps them in the memory of this process: a restart forgets them.
 * @param now milliseconds since the epoch
 */
export function createUsedTokens(now: () => number, maxTokens = MAX_TOKENS): UsedTokens {
  const expiries = createBoundedMap<string, number>(maxTokens)
  const has = (id: string) => (expiries.peek(id) ?? 0) > now()
  return {
    has,
    use(id, expiresAtMs) {
      if (has(id)) return false
      expiries.set(id, expiresAtMs)
      return true
    },
  }
}
