/** /v1/introspect and /v1/revoke of an authorization server: https://developer.okta.com/docs/reference/api/oidc/ */
import type { Request, RequestHandler, Response } from 'express'
import { AUDIENCE } from './access-tokens.js'
import { authenticate, ClientRefused, mayCall } from './client-authentication.js'
import { idTokenClaims } from './id-token-claims.js'
import type { Provider } from './oidc-provider.js'
import type { LocalPerson } from './people.js'

type Client = Awaited<ReturnType<typeof authenticate>>

export interface TokenEndpointsParts {
  current(): Provider
  /** The audience of access tokens that say nothing about it: those of the org's own server. */
  orgUrl: string
  person(id: string): LocalPerson | undefined
}

export function tokenEndpoints({ current, orgUrl, person }: TokenEndpointsParts) {
  const username = (id: string | undefined) => id && person(id)?.profile.login

  async function introspect(client: Client, token: string, res: Response): Promise<void> {
    const provider = current()
    const access = await provider.AccessToken.find(token)
    const refresh = access ? undefined : await provider.RefreshToken.find(token)
    const { clientId, exp, scope, accountId } = access ?? refresh ?? {}
    if (accountId) {
      const sub = username(accountId)
      const isCustom = provider.issuer !== orgUrl
      const about = access && {
        iat: access.iat,
        iss: provider.issuer,
        aud: isCustom ? AUDIENCE : orgUrl,
        jti: `AT.${access.jti}`,
        uid: accountId,
      }
      const common = { token_type: 'Bearer', scope, client_id: clientId, username: sub, exp, sub }
      return void res.json({ active: true, ...common, ...about })
    }
    const claims = await idTokenClaims(provider, client, token)
    if (!claims || claims.exp <= Date.now() / 1000) return void res.json({ active: false })
    res.json({ active: true, ...claims, client_id: claims.aud, username: username(claims.sub) })
  }

  /** Okta says 200 whatever the token is. With a refresh token end the access tokens that came from it. */
  async function revoke(client: Client, token: string, res: Response): Promise<void> {
    const { AccessToken, RefreshToken } = current()
    const access = await AccessToken.find(token)
    if (access?.clientId === client.clientId) await access?.destroy()
    const refresh = await RefreshToken.find(token)
    if (refresh?.clientId === client.clientId) {
      await refresh?.destroy()
      if (refresh?.grantId) await AccessToken.revokeByGrantId(refresh.grantId)
    }
    res.status(200).end()
  }

  function endpoint(answer: (client: Client, token: string, res: Response) => Promise<void>): RequestHandler {
    return async function endpoint(req, res) {
      res.set({ 'Cache-Control': 'no-cache, no-store', Vary: 'Origin' })
      try {
        const client = await authenticate(current(), req)
        allowScriptsOf(client, req, res)
        const { token } = req.body as { token?: unknown }
        if (typeof token === 'string' && token !== '') return await answer(client, token, res)
        res
          .status(400)
          .json({ error: 'invalid_request', error_description: "The 'token' parameter is missing." })
      } catch (error) {
        if (!(error instanceof ClientRefused)) throw error
        res.status(401).json({ error: 'invalid_client', error_description: error.message })
      }
    }
  }
  return { introspect: endpoint(introspect), revoke: endpoint(revoke) }
}

function allowScriptsOf(client: Client, req: Request, res: Response): void {
  const { origin } = req.headers
  if (origin && mayCall(origin, client.redirectUris)) res.set('Access-Control-Allow-Origin', origin)
}
