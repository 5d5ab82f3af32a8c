/** Okta's sign-out. It answers 400 without a valid hint or with an unregistered URI. It needs no click and no script. */
import type { RequestHandler } from 'express'
import type { AdapterPayload, Provider } from './oidc-provider.js'
import { errorPage } from './pages.js'

export function signOut(current: () => Provider, client: AdapterPayload): RequestHandler {
  return async function signOut(req, res) {
    const provider = current()
    const query = (name: string) => (typeof req.query[name] === 'string' ? req.query[name] : '')
    const target = query('post_logout_redirect_uri')
    const registered = (client.post_logout_redirect_uris as string[]).includes(target)
    if (!registered || !(await isOurIdToken(provider, client, query('id_token_hint')))) {
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

async function isOurIdToken(provider: Provider, client: AdapterPayload, hint: string): Promise<boolean> {
  try {
    const found = await provider.Client.find(client.client_id as string)
    // oidc-provider's own check of an id_token_hint, which has no types. Like Okta, it accepts expired ID tokens.
    const { IdToken } = provider as unknown as {
      IdToken: { validate(jwt: string, client: unknown): Promise<unknown> }
    }
    await IdToken.validate(hint, found)
    return true
  } catch {
    return false
  }
}
