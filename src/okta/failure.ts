/** How what the app needs of Okta can fail, in the few kinds that the log and the pages tell apart. Imports nothing of ours. */

/** Each kind with what the operator can do about it; `undefined` where Okta or the network must mend itself. */
const REMEDIES = {
  unreachable: undefined,
  timeout: undefined,
  'rate-limited': undefined,
  'server-error': undefined,
  /** An answer that is not what was asked for: HTML, broken JSON, another shape, too large, a redirect. */
  'bad-answer': 'Check OKTA_ORG_URL and OKTA_ISSUER, and whether a proxy answers in place of Okta',
  'api-token': 'Create an API token in Okta (Security > API > Tokens), set OKTA_AUTH_TOKEN and restart',
  'api-scope': 'The owner of OKTA_AUTH_TOKEN needs the role Read-only Administrator, or more, in Okta',
  'client-credential': 'Compare OKTA_CLIENT_ID and OKTA_CLIENT_SECRET with the app’s General tab in Okta',
  'request-refused':
    'Allow the grant type Authorization Code and the scopes openid, profile and email: in Okta on the app’s General tab, and in the access policy of the authorization server',
  'not-found':
    'There is no authorization server at OKTA_ISSUER: compare it with the issuer URI in Okta (Security > API > Authorization Servers)',
  config: 'Compare OKTA_ISSUER with the issuer URI in Okta (Security > API > Authorization Servers)',
  clock: 'Set the clock of this server (NTP)',
} as const satisfies Record<string, string | undefined>

export type FailureKind = keyof typeof REMEDIES

/** When trying again makes sense, where Okta does not say: all that the app looks after is tried again within it. */
export const DEFAULT_WAIT_SECONDS = 10

/** Something at Okta could not be had. `message` is for the log and holds nothing that Okta wrote. */
export class OktaFailure extends Error {
  override name = 'OktaFailure'
  readonly kind: FailureKind
  /** The HTTP status that Okta answered with, if it did. */
  readonly status: number | undefined
  /** When asking again makes sense, where Okta says so: 1 to 60. */
  readonly retryAfterSeconds: number | undefined
  /** Okta's `error`, if it is a registered one. */
  readonly oauthError: string | undefined

  constructor(
    kind: FailureKind,
    message: string,
    details: {
      cause?: unknown
      status?: number
      retryAfterSeconds?: number | undefined
      oauthError?: string | undefined
    } = {},
  ) {
    super(message, { cause: details.cause })
    this.kind = kind
    this.status = details.status
    this.retryAfterSeconds = details.retryAfterSeconds
    this.oauthError = details.oauthError
  }

  /** What the operator can do; `undefined` where only waiting helps. */
  get remedy(): string | undefined {
    return REMEDIES[this.kind]
  }
}

/** @param error what `fetch` threw: the network's fault, or our own time limit */
export function networkFailure(error: unknown): OktaFailure {
  const { name, cause } = Object(error) as { name?: string; cause?: { code?: string } }
  if (name === 'TimeoutError' || name === 'AbortError') {
    return new OktaFailure('timeout', 'Okta did not answer in time', { cause: error })
  }
  const reason = cause?.code ?? 'connection lost'
  return new OktaFailure('unreachable', `Okta cannot be reached (${reason})`, { cause: error })
}

/** For a status that is not the one hoped for; what 401 and 403 mean depends on who asked. */
export function statusFailure(status: number, headers: Headers): OktaFailure {
  const kind = status === 429 ? 'rate-limited' : status >= 500 ? 'server-error' : 'bad-answer'
  const announced = clamped(Number(headers.get('retry-after')))
  const retryAfterSeconds =
    status === 429 ? (clamped(untilReset(headers)) ?? announced ?? DEFAULT_WAIT_SECONDS) : announced
  return new OktaFailure(kind, `Okta answered with status ${status}`, { status, retryAfterSeconds })
}

/**
 * In seconds. X-Rate-Limit-Reset, which comes with every answer, is a time by Okta's own clock, which its `Date` tells.
 * https://developer.okta.com/docs/reference/rl-best-practices/
 */
function untilReset(headers: Headers): number {
  const oktasNow = Date.parse(headers.get('date') ?? '')
  const now = Number.isNaN(oktasNow) ? Date.now() : oktasNow
  return Number(headers.get('x-rate-limit-reset')) - now / 1000
}

function clamped(seconds: number): number | undefined {
  return seconds > 0 ? Math.min(60, Math.max(1, Math.ceil(seconds))) : undefined
}
