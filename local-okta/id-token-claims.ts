/** The claims of an ID token that an app gives back to the authorization server. */
import type { Provider } from './oidc-provider.js'

interface IdTokenClaims {
  sub: string
  aud: string
  exp: number
}

/** @returns `undefined` if the server has not signed this token for the client. Like Okta, it takes one that is over. */
export async function idTokenClaims(
  provider: Provider,
  client: unknown,
  jwt: string,
): Promise<IdTokenClaims | undefined> {
  // oidc-provider's own check of an id_token_hint, which has no types.
  const { IdToken } = provider as unknown as {
    IdToken: { validate(jwt: string, client: unknown): Promise<{ payload: IdTokenClaims }> }
  }
  const { payload } = await IdToken.validate(jwt, client).catch(() => ({ payload: undefined }))
  return payload
}
