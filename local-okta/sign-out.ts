/** Okta's sign-out. It answers 400 without a valid hint or with an unregistered URI. It needs no click and no script. */
import type { RequestHandler } from 'express'
import type { Provider } from './oidc-provider.js'
import { errorPage } from './pages.js'

export function signOut(current: () => Provider): RequestHandler {
  return async function signOut(req, res) {
    const provider = current()
    const query = (name: string) => (typeof req.query[name] === 'string' ? req.query[name] : '')
    const target = query('post_logout_redirect_uri')
    const registered = await registeredFor(provider, query('id_token_hint'))
    if (!registered.includes(target)) {
      return void res.status(400).send(errorPage('Your request resulted in an error'))
    }
    const ctx = provider.createContext(req, res)
    const session = await provider.Session.get(ctx)
    await session.destroy()
    const url = new URL(target)
    if (query('state')) url.searchParams.set('state', query('state'))
    res.redirect(url.href)
  }
}

/** The sign-out URIs of the app for which the ID token was issued; none if the ID token is not one of ours. */
async function registeredFor(provider: Provider, hint: string): Promise<readonly string[]> {
  try {
    const { aud } = JSON.parse(Buffer.from(hint.split('.')[1] ?? '', 'base64url').toString())
    const client = await provider.Client.find(aud)
    // oidc-provider's own check of an id_token_hint, which has no types. Like Okta, it accepts expired ID tokens.
    const { IdToken } = provider as unknown as {
      IdToken: { validate(jwt: string, client: unknown): Promise<unknown> }
    }
    await IdToken.validate(hint, client)
    return client?.postLogoutRedirectUris ?? []
  } catch {
    return []
  }
}
