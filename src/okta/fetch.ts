/** `fetch` for the authorization server, bounded where Node leaves things open: time, size, redirects, shape. */
import { networkFailure, OktaFailure, statusFailure } from './failure.js'

/** Metadata of a large org and a token with many groups stay well below. */
const MAX_BYTES = 256 * 1024

/** Tells Okta’s System Log who asked, and no versions. */
export const USER_AGENT = 'thundercats-lair'

/**
 * @param timeoutMs for the whole answer, its body included
 * @returns the answer, read to its end
 * @throws {OktaFailure} when there is none, or one that is too large or a redirect
 */
export async function boundedFetch(
  url: string,
  init: RequestInit | undefined,
  timeoutMs: number,
): Promise<{ response: Response; text: string }> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel()
      throw new OktaFailure('bad-answer', 'Okta answered with a redirect', { status: response.status })
    }
    return { response, text: await readBounded(response) }
  } catch (error) {
    throw error instanceof OktaFailure ? error : networkFailure(error)
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES)
      throw new OktaFailure('bad-answer', `Okta answered with more than ${MAX_BYTES} bytes`)
  }
  return Buffer.concat(chunks).toString()
}

/**
 * A document of Okta's, such as its metadata.
 * @throws {OktaFailure} when it cannot be had or is not a JSON object
 */
export async function fetchDocument(
  url: string,
  timeoutMs: number,
): Promise<{ document: Record<string, unknown>; response: Response }> {
  const headers = { Accept: 'application/json', 'User-Agent': USER_AGENT }
  const { response, text } = await boundedFetch(url, { headers }, timeoutMs)
  if (response.status !== 200) throw statusFailure(response.status, response.headers)
  return { document: parseObject(text), response }
}

/** @throws {OktaFailure} */
export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {} // what it says is Okta's text: not for the log
  throw new OktaFailure('bad-answer', 'Okta answered with something that is not a JSON object')
}
