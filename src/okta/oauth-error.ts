/** The error codes of OAuth and OpenID Connect. The log and the pages name no other: anybody could have made it up. */
const REGISTERED = new Set(
  // RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6
  `access_denied invalid_request unauthorized_client unsupported_response_type invalid_scope server_error
  temporarily_unavailable invalid_client invalid_grant unsupported_grant_type interaction_required login_required
  account_selection_required consent_required`.split(/\s+/),
)

/** @returns the code if it is a registered one */
export function oauthErrorOf(value: unknown): string | undefined {
  return typeof value === 'string' && REGISTERED.has(value) ? value : undefined
}
