/** Changes the finished answers of an authorization server: by faults, by the org's clock, by a test's `rewrite`. */
import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Dependency } from './broken-answers.js'
import type { FaultsInside } from './faults.js'
import type { JWK, KoaContextWithOIDC, Provider } from './oidc-provider.js'

export interface OutgoingParts {
  signingKey: JWK
  faults: Pick<FaultsInside, 'spoil' | 'skewSeconds'>
  /** Changes a JSON answer on its way out: discovery, keys, tokens. */
  rewrite(path: string, body: unknown): unknown
}

export function outgoing(
  { signingKey, faults, rewrite }: OutgoingParts,
  dependencyAt: Record<string, Dependency>,
): Parameters<Provider['use']>[0] {
  return async function outgoing(ctx, next) {
    await next()
    dropExpiry(ctx.res)
    const { entities = {}, params } = (ctx as Partial<KoaContextWithOIDC>).oidc ?? {}
    const isServiceApp = params?.grant_type === 'client_credentials'
    const dependency = isServiceApp ? 'credentials' : dependencyAt[ctx.path]
    const { Account } = entities // the owner of the code
    if (dependency && (await faults.spoil(dependency, Account?.accountId, ctx.res, ctx.body))) {
      ctx.respond = false
      return
    }
    if (ctx.body === null || typeof ctx.body !== 'object') return
    const { id_token } = ctx.body as { id_token?: string }
    const seconds = faults.skewSeconds()
    const body = id_token && seconds !== 0 ? { id_token: skewed(id_token, seconds, signingKey) } : {}
    ctx.body = rewrite(ctx.path, Object.assign(ctx.body, body))
  }
}

/**
 * Takes the end from each cookie that has one, so that it lives as long as the browser. A browser compares the end with
 * the header `Date`: if the clock is an hour ahead, a step of a sign-in would be over at once. `storage.ts` ends what
 * the cookies stand for. A cookie that ends in 1970 is one that the browser shall delete.
 */
function dropExpiry(res: ServerResponse): void {
  const cookies = [res.getHeader('Set-Cookie') ?? []].flat().map(String)
  const endless = cookies.map((cookie) => cookie.replace(/; expires=(?!Thu, 01 Jan 1970)[^;]*/gi, ''))
  if (endless.length > 0) res.setHeader('Set-Cookie', endless)
}

/** The ID token as an org with a wrong clock would sign it. */
function skewed(idToken: string, seconds: number, signingKey: JWK): string {
  const [header, payload = ''] = idToken.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  for (const name of ['iat', 'exp', 'auth_time', 'nbf']) if (name in claims) claims[name] += seconds
  const input = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  const key = createPrivateKey({ key: signingKey as JsonWebKey, format: 'jwk' })
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}
