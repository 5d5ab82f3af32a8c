/** The keys with which Okta signs. The app fetches them ahead, and again when it meets an unknown key. */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Log } from '../log.js'
import { OktaFailure } from './failure.js'
import { fetchDocument } from './fetch.js'
import { type FreshDocument, keepFresh } from './fresh-document.js'
import { createHealth, type Dependency } from './health.js'

/** Okta changes its keys without notice, so the app looks up an unknown key at once. This limits how often. */
const LOOKUPS_PER_MINUTE = 6

export type SigningKeys = ReturnType<typeof createSigningKeys>

/**
 * @param now milliseconds since the epoch
 * @param name of these keys in the log
 */
export function createSigningKeys(log: Log, now: () => number, name: Dependency = 'signing keys') {
  let source: { url: string; keys: FreshDocument<JWTVerifyGetKey> } | undefined
  let lookups: number[] = []

  /** Counts a look-up. Returns false if there were too many in the last minute. */
  function countLookUp(): boolean {
    lookups = lookups.filter((at) => at > now() - 60_000)
    return lookups.length < LOOKUPS_PER_MINUTE && lookups.push(now()) > 0
  }

  /** Fetches the keys once more. @returns false if there were too many look-ups @throws {OktaFailure} */
  async function lookUpAgain(): Promise<boolean> {
    if (!source || !(source.keys.isLoading() || countLookUp())) return false
    await source.keys.refresh()
    return true
  }

  /**
   * The key that signed a token, by the token's `kid`. If the app does not know it, the keys are fetched once more.
   * @throws {JWKSNoMatchingKey} jose's error: Okta has no such key
   * @throws {OktaFailure} the keys cannot be fetched, or there were too many look-ups
   */
  const key: JWTVerifyGetKey = async (header, token) => {
    if (!source) throw new OktaFailure('config', 'The address of the signing keys is not known')
    const { keys } = source
    // A person is waiting, so the app tries once more, unless Okta asked for a pause.
    const known = await keys.get().catch((failure: OktaFailure) => {
      if (failure.kind === 'rate-limited') throw failure
      return keys.refresh()
    })
    try {
      return await known(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
    }
    if (await lookUpAgain()) return (await keys.get())(header, token)
    throw new OktaFailure('bad-answer', 'Too many unknown signing keys in the last minute')
  }

  return {
    key,
    /**
     * Like `key`, but among the keys that the app knows: an unknown one makes it fetch nothing.
     * @throws {JWKSNoMatchingKey} @throws {OktaFailure} no keys are known, and they cannot be fetched
     */
    async known(...token: Parameters<JWTVerifyGetKey>) {
      if (!source) throw new OktaFailure('config', 'The address of the signing keys is not known')
      return (await source.keys.get())(...token)
    },
    lookUpAgain,
    /** Sets the address of the keys. The keys of another address are dropped. */
    locate(url: string): void {
      if (source?.url === url) return
      source?.keys.close()
      source = { url, keys: keepFresh(() => fetchKeys(url), createHealth(name, log), now) }
    },
    areKnown: () => source?.keys.current() !== undefined,
    close: () => source?.keys.close(),
  }
}

async function fetchKeys(url: string): Promise<JWTVerifyGetKey> {
  const { document } = await fetchDocument(url)
  try {
    const keys = document as unknown as JSONWebKeySet
    if (keys.keys.some(({ kty }) => kty === 'RSA')) return createLocalJWKSet(keys)
  } catch {} // not even a list of keys
  throw new OktaFailure('bad-answer', 'This is no set of keys that sign with RS256')
}
