/**
 * Okta's management API, as raw JSON. The Okta SDK would not do: when it writes an app back, it drops every field that
 * its models do not know.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { OktaFailure, statusFailure } from '../okta/failure.js'
import { boundedFetch } from '../okta/fetch.js'

export type Json = Record<string, unknown>

export type OktaApi = ReturnType<typeof createOktaApi>

/** In a dry run, the id of everything that would be made. */
export const PLANNED = 'planned'

/** How long one call may take. */
const CALL_MS = 10_000

/** Okta refuses a call. `message` has a sentence of our own, and Okta's reasons for bad input. */
export class OktaRefusal extends Error {
  override name = 'OktaRefusal'
  readonly status: number
  /** Okta's code, such as `E0000006`. https://developer.okta.com/docs/reference/error-codes/ */
  readonly code: string
  /** What the operator can do. */
  readonly remedy: string

  constructor(status: number, code: string, causes: string[]) {
    const [sentence, remedy] = REFUSALS[code] ?? [
      'Okta refuses this call',
      'Look it up in Okta’s list of error codes',
    ]
    super([`${sentence} (${code})`, ...causes].join(': '))
    this.status = status
    this.code = code
    this.remedy = remedy
  }
}

const NEW_TOKEN =
  'Admin Console: Security > API > Tokens > Create token. If the token is bound to a network zone, call from there'

/** Okta's error codes that a set-up may meet: what each says, and what to do. */
export const REFUSALS: Record<string, [sentence: string, remedy: string]> = {
  E0000001: ['Okta does not accept a value', 'Mend the value that Okta names'],
  E0000004: ['Okta does not accept the API token', NEW_TOKEN],
  E0000006: [
    'The owner of the API token may not do this',
    'Create the token as a super administrator (Admin Console: Security > Administrators)',
  ],
  E0000007: ['Okta has no such thing', 'Run the command again: somebody may have deleted it just now'],
  E0000009: ['Okta has an error of its own', 'Run the command again in a minute'],
  E0000010: ['The org is in read-only mode', 'Try again later: Okta is at work on this org'],
  E0000011: ['Okta does not accept the API token', NEW_TOKEN],
  E0000015: [
    'The org has no API Access Management',
    'Set OKTA_ISSUER to your Okta domain: the org’s own authorization server needs none',
  ],
  E0000038: ['Okta does not allow this here', 'Do it in the Admin Console'],
  E0000047: ['Okta has too much to do', 'Wait a minute, and run the command again'],
  E0000056: ['Okta does not delete this while it is active', 'Deactivate it first'],
}

/**
 * @param orgUrl origin of the org
 * @param authorization the value of the header, such as `SSWS …`
 * @param options.dryRun makes no changes: the answer to each is what was to be sent, with the id `planned`
 * @param options.callMs how long one call may take
 * @param options.waits whether a call waits until a rate limit is over
 */
export function createOktaApi(
  orgUrl: string,
  authorization: string,
  options: { dryRun?: boolean; callMs?: number; waits?: boolean } = {},
) {
  const { dryRun = false, callMs = CALL_MS, waits = true } = options
  let calls = 0

  /** @throws {OktaRefusal} Okta refuses @throws {OktaFailure} Okta does not answer as it should */
  async function call(
    method: string,
    path: string,
    body?: Json,
  ): Promise<{ value: unknown; headers: Headers }> {
    if (dryRun && method !== 'GET') return { value: { ...body, id: PLANNED }, headers: new Headers() }
    const init = {
      method,
      headers: { Authorization: authorization, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }
    for (let turn = 1; ; turn++) {
      calls++
      const { response, text } = await boundedFetch(orgUrl + path, init, AbortSignal.timeout(callMs))
      const { status, headers } = response
      if (status === 429 && waits && turn === 1) {
        await pause((statusFailure(status, headers).retryAfterSeconds ?? 1) * 1000)
        continue
      }
      if (status >= 200 && status < 300) return { value: text === '' ? undefined : parsed(text), headers }
      throw refusal(status, text, authorization) ?? statusFailure(status, headers)
    }
  }

  const ask = async (method: string, path: string, body?: Json) => (await call(method, path, body)).value

  return {
    /** How many calls were made. */
    calls: () => calls,
    call,
    object: async (path: string) => asObject(await ask('GET', path)),
    /** Like `object`, but `undefined` if Okta has nothing at this path. */
    async find(path: string): Promise<Json | undefined> {
      return ask('GET', path).then(asObject, (error) => {
        if (!(error instanceof OktaRefusal) || error.status !== 404) throw error
        return undefined
      })
    },
    list: async (path: string) => asList(await ask('GET', path)),
    post: async (path: string, body?: Json) => asObject((await ask('POST', path, body)) ?? {}),
    put: async (path: string, body?: Json) => asObject((await ask('PUT', path, body)) ?? {}),
    async delete(path: string): Promise<void> {
      await call('DELETE', path)
    },
  }
}

/** Okta's error, if the answer is one: a proxy's page is none. */
function refusal(status: number, text: string, authorization: string): OktaRefusal | undefined {
  const { errorCode, errorCauses } = Object(parsedOr(text, {})) as {
    errorCode?: unknown
    errorCauses?: unknown
  }
  if (typeof errorCode !== 'string' || !/^E\d{7}$/.test(errorCode)) return undefined
  const causes = (Array.isArray(errorCauses) ? errorCauses : []).map((cause) =>
    withoutToken(String(Object(cause).errorSummary), authorization),
  )
  return new OktaRefusal(status, errorCode, causes)
}

function parsedOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return otherwise
  }
}

function parsed(text: string): unknown {
  const value = parsedOr(text, undefined)
  if (value === undefined)
    throw new OktaFailure('bad-answer', 'Okta answered with something that is not JSON')
  return value
}

function asObject(value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new OktaFailure('bad-answer', 'Okta answered with something that is not a JSON object')
}

function asList(value: unknown): Json[] {
  if (Array.isArray(value)) return value.map(asObject)
  throw new OktaFailure('bad-answer', 'Okta answered with something that is not a list')
}

/** A text of Okta's for the developer. A proxy may have put our own token into it. */
function withoutToken(text: string, authorization: string): string {
  const [, token = authorization] = authorization.split(' ')
  return text.replaceAll(token, '[token]').slice(0, 200)
}
