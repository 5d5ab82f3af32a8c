/** The authorization servers keep sessions, grants and codes here, in one memory, as in an Okta org. */
import type { Adapter, AdapterFactory, AdapterPayload } from './oidc-provider.js'

/**
 * @param client looks up a registered app by its client id
 */
export function createStorage(client: (id: string) => AdapterPayload | undefined) {
  const entries = new Map<string, { payload: AdapterPayload; expiresAt: number }>()

  function find(key: string): AdapterPayload | undefined {
    const entry = entries.get(key)
    if (entry === undefined || entry.expiresAt > Date.now()) return entry?.payload
    entries.delete(key)
    return undefined
  }

  function remove(matches: (payload: AdapterPayload, key: string) => boolean): void {
    for (const [key, { payload }] of entries) if (matches(payload, key)) entries.delete(key)
  }

  const adapter: AdapterFactory = (model): Adapter => ({
    async find(id) {
      return model === 'Client' ? client(id) : find(`${model}:${id}`)
    },
    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn ? Date.now() + expiresIn * 1000 : Number.POSITIVE_INFINITY
      entries.set(`${model}:${id}`, { payload, expiresAt })
    },
    async consume(id) {
      const payload = find(`${model}:${id}`)
      if (payload) payload.consumed = Math.floor(Date.now() / 1000)
    },
    async destroy(id) {
      entries.delete(`${model}:${id}`)
    },
    async findByUid(uid) {
      for (const [key, { payload }] of entries) {
        if (payload.uid === uid && key.startsWith(`${model}:`)) return find(key)
      }
      return undefined
    },
    async findByUserCode() {
      return undefined // device flow, which the local Okta does not imitate
    },
    async revokeByGrantId(grantId) {
      remove((payload) => payload.grantId === grantId)
    },
  })
  return {
    adapter,
    /** Ends the person's sessions at Okta. Tokens that were issued in them stay valid. */
    endSessions(personId: string): void {
      remove(({ accountId }, key) => key.startsWith('Session:') && accountId === personId)
    },
    /** Makes the access tokens of all service apps worthless. */
    endServiceTokens(): void {
      remove((_payload, key) => key.startsWith('ClientCredentials:'))
    },
  }
}
