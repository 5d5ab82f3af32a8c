/** The keys with which the authorization server signs ID tokens: fetched ahead, and looked up when one is not known. */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Log } from '../log.js'
import { OktaFailure } from './failure.js'
import { fetchDocument } from './fetch.js'
import { type FreshDocument, keepFresh } from './fresh-document.js'
import { createHealth } from './health.js'

/** Okta rotates keys without notice, so that the app looks up an unknown one at once; but strangers may send any `kid`. */
const LOOKUPS_PER_MINUTE = 6

/** @param now milliseconds since the epoch */
export function createSigningKeys(log: Log, now: () => number) {
  let source: { url: string; keys: FreshDocument<JWTVerifyGetKey> } | undefined
  let lookups: number[] = []

  /** Counts a look-up, unless there were too many in the last minute. */
  function mayLookUp(): boolean {
    lookups = lookups.filter((at) => at > now() - 60_000)
    return lookups.length < LOOKUPS_PER_MINUTE && lookups.push(now()) > 0
  }

  /** Fetches the keys once more. @returns false if that has been done too often @throws {OktaFailure} */
  async function lookUpAgain(): Promise<boolean> {
    if (!source || !(source.keys.isLoading() || mayLookUp())) return false
    await source.keys.refresh()
    return true
  }

  /**
   * The key that signed a token, by the token's `kid`. A key that is not known is looked up once.
   * @throws {JWKSNoMatchingKey} of jose: Okta has no such key
   * @throws {OktaFailure} the keys cannot be fetched
   */
  const key: JWTVerifyGetKey = async (header, token) => {
    if (!source) throw new OktaFailure('config', 'The address of the signing keys is not known')
    const { keys } = source
    // A person is waiting: one more try is worth their time, unless Okta asked for a pause.
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
    lookUpAgain,
    /** Says where the keys are. A new address replaces the keys of the one before. */
    locate(url: string): void {
      if (source?.url === url) return
      source?.keys.close()
      source = { url, keys: keepFresh(() => fetchKeys(url), createHealth('signing keys', log), now) }
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
