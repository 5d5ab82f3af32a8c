/** Limits how many sign-ins one address may begin or finish in a minute. Otherwise it could use up Okta's rate limit. */
import { isIPv6 } from 'node:net'
import { createBoundedMap } from '../bounded-map.js'

/** Counts an attempt. Returns the seconds to wait if there were too many, else `undefined`. */
export type RateLimit = (address: string) => number | undefined | Promise<number | undefined>

export const WINDOW_MS = 60_000

/** Each takes about 100 bytes. With one more, the address that was quiet for longest is dropped. */
const MAX_COUNTERS = 10_000

/** So many /64 networks of a /48 site have counters of their own. Further ones share one, so that they drop no others. */
const MAX_NETWORKS_OF_SITE = 64

/**
 * @param perMinute attempts for one address. All IPv6 addresses of a /64 network count as one: they have one owner
 * @param now milliseconds since the epoch
 */
export function createRateLimit(perMinute: number, now: () => number = () => Date.now()) {
  const counters = createBoundedMap<string, { count: number; endsAt: number }>(MAX_COUNTERS)

  /** Counts `name` once more. A minute after its first count the counter begins anew. */
  function count(name: string): { count: number; endsAt: number } {
    const known = counters.get(name)
    const counter = known && known.endsAt > now() ? known : { count: 0, endsAt: now() + WINDOW_MS }
    counter.count++
    counters.set(name, counter)
    return counter
  }

  function counterOf(address: string): string {
    const { network, site } = networkOf(address)
    if (site === undefined || (counters.get(network)?.endsAt ?? 0) > now()) return network
    return count(`networks of ${site}`).count > MAX_NETWORKS_OF_SITE ? site : network
  }

  return function attempt(address: string): number | undefined {
    const counter = count(counterOf(address))
    return counter.count > perMinute ? Math.ceil((counter.endsAt - now()) / 1000) : undefined
  }
}

/** The /64 network and the /48 site of an IPv6 address, in one spelling. IPv4 has no site, also if written as IPv6. */
export function networkOf(address: string): { network: string; site?: string } {
  const [plain = ''] = address.replace(/^\[(.*)\](:\d+)?$|^([\d.]+):\d+$/, '$1$3').split('%') // without port and zone
  if (!isIPv6(plain)) return { network: plain }
  const [head = '', tail = ''] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::') // RFC 5952
  const [start, end] = [head, tail].map((part) => part.split(':').filter(Boolean)) as [string[], string[]]
  const groups = [...start, ...Array<string>(8 - start.length - end.length).fill('0'), ...end]
  const isMapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff'
  if (isMapped) return { network: groups.slice(6).map(twoBytes).join('.') }
  return { network: `${groups.slice(0, 4).join(':')}::/64`, site: `${groups.slice(0, 3).join(':')}::/48` }
}

function twoBytes(group: string): string {
  const bits = Number.parseInt(group, 16)
  return `${bits >> 8}.${bits & 255}`
}
