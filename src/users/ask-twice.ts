/** A call to Okta's Users API, limited in time, with a second try. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiCredentials } from '../okta/api-credentials.js'
import { type OktaFailure, statusFailure } from '../okta/failure.js'
import type { Answer } from '../okta/fetch.js'

/** How long both tries of a call may take together, with the pause between them. */
export const TIMEOUT_MS = 2000

/** The pause before the second try. It is partly random, so that many calls are not made again at the same time. */
const RETRY_AFTER_MS = { least: 50, spread: 100 }

/**
 * Makes a call, and once more if Okta had a server error or could not be reached.
 * @param signal ends both tries; by default after 2 s
 * @returns an answer with status 200 or 404
 * @throws {OktaFailure}
 */
export async function askTwice(
  { url, ...init }: RequestInit & { url: string },
  credentials: ApiCredentials,
  signal = AbortSignal.timeout(TIMEOUT_MS),
): Promise<Response> {
  const ask = async () => readable(await credentials.fetch(url, init, signal))
  return ask().catch(async (failure: OktaFailure) => {
    if (failure.kind !== 'server-error' && failure.kind !== 'unreachable') throw failure
    await sleep(RETRY_AFTER_MS.least + Math.random() * RETRY_AFTER_MS.spread)
    return ask()
  })
}

/** A 404 is an answer: it may say that there is no such user. */
function readable({ response }: Answer): Response {
  const { status, headers } = response
  if (status !== 200 && status !== 404) throw statusFailure(status, headers)
  return response
}
