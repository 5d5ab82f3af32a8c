/**
 * Where a person goes after signing in: always a path of this app, whatever was in the request.
 * An open redirect here would lend our name to any site (RFC 9700 section 4.11).
 */

export const LAIR = '/lair'

/** Keeps the transaction cookie, which carries the path in base64, under the 4,096 bytes browsers accept. */
const MAX_LENGTH = 2000

/**
 * @param target as it arrived: `req.originalUrl`, which may be an absolute URL on the request line
 * @returns path and query on our own origin; without the query where it is too long; `/lair` where it leads elsewhere
 */
export function returnPath(target: string, baseUrl: string): string {
  if (!URL.canParse(target, baseUrl)) return LAIR
  const url = new URL(target, baseUrl)
  if (!url.href.startsWith(`${baseUrl}/`)) return LAIR // `origin` would let blob: URLs of ours through
  const path = url.pathname.replace(/^\/{2,}/, '/') // "//host" as a Location would leave our origin
  const candidates = [path + url.search, path]
  return candidates.find((candidate) => candidate.length <= MAX_LENGTH) ?? LAIR
}
