/**
 * The one way to call Okta, with limits for time and size, and without redirects. It uses `node:http`, because Node's
 * `fetch` takes twice the memory while many people come at once.
 */
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { SITE } from '../site.js'
import { networkFailure, OktaFailure, statusFailure } from './failure.js'

/** The most that an answer of Okta's may have. Metadata of a large org and tokens with many groups have far less. */
const MAX_ANSWER_BYTES = 256 * 1024

/** How long Okta may take to send a document, its body included. */
const DOCUMENT_TIMEOUT_MS = 2000

/** Okta's System Log shows this name as the client. It says no version. */
export const USER_AGENT = SITE.slug

/** What every call sends, unless it has others. */
const HEADERS = { accept: 'application/json', 'user-agent': USER_AGENT }

/** An answer of Okta's, which has arrived as a whole. `text` is the body of `response`. */
export type Answer = { response: Response; text: string }

/**
 * @param init.redirect `manual`: a redirect is an answer, too
 * @param signal ends the call; `AbortSignal.timeout` limits the time of the whole answer, its body included
 * @returns the answer, read to its end
 * @throws {OktaFailure} there is no answer, or it is too large, or a redirect
 */
export async function boundedFetch(
  url: string,
  { method = 'GET', headers, body, redirect }: RequestInit,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const send = url.startsWith('https:') ? https.request : http.request
    const sent = { ...HEADERS, ...Object.fromEntries(new Headers(headers)) }
    const request = send(url, { method, headers: sent, signal })
    request.on('error', () => undefined) // `once` rejects with it, or the reading of the answer does
    request.end(body?.toString())
    // Node does not answer at all if Okta, or a proxy, wants another protocol (101), so the signal ends this, too.
    request.on('upgrade', (_answer, socket) => {
      socket.destroy()
      request.emit('error', new Error('Okta wants another protocol'))
    })
    const [answer] = (await once(request, 'response', { signal })) as [IncomingMessage]
    const status = Number(answer.statusCode)
    if (status >= 300 && status < 400 && redirect !== 'manual') {
      answer.destroy()
      throw new OktaFailure('bad-answer', 'Okta answered with a redirect', { status })
    }
    const text = await readBounded(answer)
    const answerHeaders = new Headers(answer.headers as Record<string, string>)
    return { response: new Response(text || null, { status, headers: answerHeaders }), text }
  } catch (error) {
    throw error instanceof OktaFailure ? error : networkFailure(signal.aborted ? signal.reason : error)
  }
}

async function readBounded(answer: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > MAX_ANSWER_BYTES)
      throw new OktaFailure('bad-answer', `Okta answered with more than ${MAX_ANSWER_BYTES} bytes`)
  }
  return Buffer.concat(chunks).toString()
}

/**
 * Fetches a document of Okta's, such as its metadata.
 * @throws {OktaFailure} Okta does not send it within 2 s, or it is not a JSON object
 */
export async function fetchDocument(url: string) {
  const { response, text } = await boundedFetch(url, {}, AbortSignal.timeout(DOCUMENT_TIMEOUT_MS))
  const { status, headers } = response
  if (status === 404) throw new OktaFailure('not-found', 'Okta has nothing at this address', { status })
  if (status === 401 && text.includes('"E0000015"'))
    throw new OktaFailure('feature-missing', 'Okta does not offer this authorization server', { status })
  if (status !== 200) throw statusFailure(status, headers)
  return { document: parseObject(text), response }
}

/** @throws {OktaFailure} the text is not a JSON object */
export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {} // the parser's error quotes Okta's text, which must not reach the log
  throw new OktaFailure('bad-answer', 'Okta answered with something that is not a JSON object')
}
