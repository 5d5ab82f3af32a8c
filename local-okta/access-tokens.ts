/**
 * The access tokens of a custom authorization server: JWTs with Okta's claims, for APIs that check them themselves.
 * oidc-provider does not accept its own JWT access tokens at its endpoints. So each JWT stands for an opaque token of
 * oidc-provider, whose id is the JWT's `jti`.
 */
import { createPrivateKey, type JsonWebKey } from 'node:crypto'
import { decodeJwt, SignJWT } from 'jose'
import type { FaultsInside } from './faults.js'
import { type JWK, Provider } from './oidc-provider.js'
import type { LocalPerson } from './people.js'

/** Okta's default for the server `default`. */
export const AUDIENCE = 'api://default'

export interface AccessTokenParts {
  issuer: string
  signingKey: JWK
  person(id: string): LocalPerson | undefined
  faults: Pick<FaultsInside, 'skewSeconds'>
}

interface Payload {
  iat: number
  exp: number
  scope: string
  accountId: string
  clientId: string
  extra?: object
}

interface StoredToken {
  jti: string
  extra?: { jwt?: string }
}

/** The two methods of the class that have no types. */
interface TokenModel {
  find(value: string, options?: object): Promise<StoredToken | undefined>
  prototype: StoredToken & { getValueAndPayload(): Promise<{ value: string; payload: Payload }> }
}

export function issueJwtAccessTokens(provider: Provider, parts: AccessTokenParts): void {
  const model = provider.AccessToken as unknown as TokenModel
  const { getValueAndPayload } = model.prototype
  const find = model.find.bind(model)
  const key = createPrivateKey({ key: parts.signingKey as JsonWebKey, format: 'jwk' })

  model.prototype.getValueAndPayload = async function () {
    const { payload } = await getValueAndPayload.call(this)
    const value = await new SignJWT(claims(this.jti, payload, parts))
      .setProtectedHeader({ kid: String(parts.signingKey.kid), alg: 'RS256' })
      .sign(key)
    return { value, payload: { ...payload, extra: { jwt: value } } }
  }
  model.find = async (value, options) => {
    const found = await find(idIn(value), options)
    return found?.extra?.jwt === value ? found : undefined
  }
}

function claims(jti: string, payload: Payload, parts: AccessTokenParts) {
  const { AuthorizationCode, RefreshToken } = Provider.ctx?.oidc.entities ?? {}
  const skew = parts.faults.skewSeconds()
  const authTime = (AuthorizationCode ?? RefreshToken)?.authTime
  return {
    ver: 1,
    jti: `AT.${jti}`,
    iss: parts.issuer,
    aud: AUDIENCE,
    iat: payload.iat + skew,
    exp: payload.exp + skew,
    cid: payload.clientId,
    uid: payload.accountId,
    scp: payload.scope.split(' '),
    ...(authTime !== undefined && { auth_time: authTime + skew }),
    sub: String(parts.person(payload.accountId)?.profile.login),
  }
}

/** The `jti` of a JWT as oidc-provider knows it. The JWT itself is compared afterwards, as a whole. */
function idIn(value: string): string {
  try {
    return String(decodeJwt(value).jti).replace(/^AT\./, '')
  } catch {
    return ''
  }
}
