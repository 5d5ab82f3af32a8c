/** How many sign-ins one address may begin or finish in a minute. Without a limit it could use up Okta's quota. */
import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'

const WINDOW_MS = 60_000

/** About 100 bytes each. With one more, the address that was quiet for longest is dropped. */
const MAX_ADDRESSES = 10_000

/**
 * @param perMinute attempts for one address (for IPv6: one /64 network, which one customer has to themselves)
 * @returns counts an attempt; the seconds to wait if it was one too many, else undefined
 */
export function createRateLimit(perMinute: number, now: () => number = () => Date.now()) {
  const attempts = new LRUCache<string, { count: number; endsAt: number }>({ max: MAX_ADDRESSES })

  return function attempt(address: string): number | undefined {
    const key = networkOf(address)
    const known = attempts.get(key)
    const current = known && known.endsAt > now() ? known : { count: 0, endsAt: now() + WINDOW_MS }
    current.count++
    attempts.set(key, current)
    return current.count > perMinute ? Math.ceil((current.endsAt - now()) / 1000) : undefined
  }
}

function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail = ''] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const missing = 8 - groups.length - tail.split(':').filter(Boolean).length
  const expanded = address.includes('::') ? [...groups, ...Array<string>(missing).fill('0')] : groups
  return expanded.slice(0, 4).join(':')
}
