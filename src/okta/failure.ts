/** The kinds of failure of Okta, as the log and the pages name them. Imports nothing of ours. */

export const CLOCK_REMEDY = 'Set the clock of this server (NTP)'

/** Each kind, with what the operator can do about it. `undefined`: only Okta or the network can end the failure. */
export const REMEDIES = {
  unreachable: undefined,
  timeout: undefined,
  'rate-limited': undefined,
  'server-error': undefined,
  /** An answer that is not what the app asked for: HTML, broken JSON, JSON of another shape, too large, a redirect. */
  'bad-answer': 'Check OKTA_ORG_URL and OKTA_ISSUER, and whether a proxy answers in place of Okta',
  'api-token': 'Create an API token in Okta (Security > API > Tokens), set OKTA_AUTH_TOKEN and restart',
  'api-scope': 'The owner of OKTA_AUTH_TOKEN needs the role Read-only Administrator, or more, in Okta',
  'api-credentials':
    'Check the service app in Okta: it must be active, in the org of OKTA_ORG_URL, and its General tab must have OKTA_API_CLIENT_ID and the public key of OKTA_API_PRIVATE_KEY. Check the clock of this server, too',
  'client-credential': 'Compare OKTA_CLIENT_ID and OKTA_CLIENT_SECRET with the app’s General tab in Okta',
  'request-refused':
    'Allow the grant type Authorization Code and the scopes openid, profile and email: in Okta on the app’s General tab, and in the access policy of the authorization server',
  'not-found':
    'There is no authorization server at OKTA_ISSUER: compare it with the issuer URI in Okta (Security > API > Authorization Servers)',
  'feature-missing':
    'The org has no API Access Management, so it has no custom authorization server: set OKTA_ISSUER to your Okta domain',
  config: 'Compare OKTA_ISSUER with the issuer URI in Okta (Security > API > Authorization Servers)',
  clock: CLOCK_REMEDY,
} as const satisfies Record<string, string | undefined>

export type FailureKind = keyof typeof REMEDIES

/** When to try again if Okta does not say. Within this time the app itself tries again whatever has failed. */
export const DEFAULT_WAIT_SECONDS = 10

/** Okta did not give what the app needs. `message` is for the log and has no text of Okta's. */
export class OktaFailure extends Error {
  override name = 'OktaFailure'
  readonly kind: FailureKind
  /** The HTTP status of Okta's answer, if there was one. */
  readonly status: number | undefined
  /** When the app may ask again, if Okta says so: 1 to 60. */
  readonly retryAfterSeconds: number | undefined
  /** Okta's `error`, if it is a registered one. */
  readonly oauthError: string | undefined
  /** What the operator can do; `undefined` if only waiting helps. */
  readonly remedy: string | undefined

  /** @param details.remedy a better one than that of the kind */
  constructor(
    kind: FailureKind,
    message: string,
    details: {
      cause?: unknown
      status?: number
      retryAfterSeconds?: number | undefined
      oauthError?: string | undefined
      remedy?: string | undefined
    } = {},
  ) {
    super(message, { cause: details.cause })
    this.kind = kind
    this.status = details.status
    this.retryAfterSeconds = details.retryAfterSeconds
    this.oauthError = details.oauthError
    this.remedy = details.remedy ?? REMEDIES[kind]
  }
}

/** @param error what `fetch` threw when the network failed, or when our time limit was over */
export function networkFailure(error: unknown): OktaFailure {
  const { name, code } = Object(error) as { name?: string; code?: string }
  if (name === 'TimeoutError' || name === 'AbortError') {
    return new OktaFailure('timeout', 'Okta did not answer in time', { cause: error })
  }
  const reason = code ?? 'connection lost'
  return new OktaFailure('unreachable', `Okta cannot be reached (${reason})`, { cause: error })
}

/** The failure for an unexpected status. A caller for which 401 or 403 has a meaning must check these before. */
export function statusFailure(status: number, headers: Headers): OktaFailure {
  const kind = status === 429 ? 'rate-limited' : status >= 500 ? 'server-error' : 'bad-answer'
  const announced = clamped(Number(headers.get('retry-after')))
  const retryAfterSeconds =
    status === 429 ? (clamped(untilReset(headers)) ?? announced ?? DEFAULT_WAIT_SECONDS) : announced
  return new OktaFailure(kind, `Okta answered with status ${status}`, { status, retryAfterSeconds })
}

/**
 * How many seconds are left until the rate limit is reset. `X-Rate-Limit-Reset` is a time by Okta's clock. The header
 * `Date` says what that clock shows.
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
