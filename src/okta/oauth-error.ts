/** The error codes of OAuth and OpenID Connect. The log and the pages name no other: anybody could have made it up. */
export const OAUTH_ERRORS = new Set(
  // RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6, RFC 9449 sections 5 and 8
  `access_denied invalid_request unauthorized_client unsupported_response_type invalid_scope server_error
  temporarily_unavailable invalid_client invalid_grant unsupported_grant_type interaction_required login_required
  account_selection_required consent_required invalid_dpop_proof use_dpop_nonce`.split(/\s+/),
)

/** @returns the code if it is a registered one */
export function oauthErrorOf(value: unknown): string | undefined {
  return typeof value === 'string' && OAUTH_ERRORS.has(value) ? value : undefined
}

/** @param text the body of an answer of a token endpoint @returns the code in it, if it is a registered one */
export function oauthErrorIn(text: string): string | undefined {
  try {
    return oauthErrorOf(Object(JSON.parse(text)).error)
  } catch {
    return undefined
  }
}
