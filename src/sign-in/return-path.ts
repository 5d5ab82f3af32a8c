/**
 * Where the browser goes after a sign-in: always to a path of this app, whatever the request asked for. Otherwise a
 * link with our address could lead to any other site (RFC 9700 section 4.11, open redirects).
 */

export const LAIR = '/lair'

/**
 * The transaction cookie has the path as JSON, in base64, and browsers accept cookies of 4,096 bytes. In JSON a backslash
 * takes two characters, and the path has two quotation marks.
 */
const MAX_JSON_LENGTH = 2002

/** The app's own steps of signing in and out. After a sign-in they would lead on, or out again. */
const STEPS = /^\/(login|callback|logout)(?=[/?]|$)/i

/**
 * @param target the target as it arrived, such as `req.originalUrl`, which may be an absolute URL
 * @returns path and query on our own origin, or the path alone if that is too long. `/lair` if the target leads to
 *   another site, or if the path is too long
 */
export function returnPath(target: string, baseUrl: string): string {
  if (!URL.canParse(target, baseUrl)) return LAIR
  const url = new URL(target, baseUrl)
  if (!url.href.startsWith(`${baseUrl}/`)) return LAIR // `url.origin` would accept blob: URLs of our origin
  const path = url.pathname.replace(/^\/{2,}/, '/') // for browsers a Location of "//host" is another site
  const candidates = [path + url.search, path]
  return candidates.find((candidate) => JSON.stringify(candidate).length <= MAX_JSON_LENGTH) ?? LAIR
}

/** As `returnPath`, for a target that another site has chosen: `/lair` also if it is empty or a step of signing in or out. */
export function targetPath(target: string, baseUrl: string): string {
  const path = returnPath(target, baseUrl)
  return target === '' || STEPS.test(path) ? LAIR : path
}
