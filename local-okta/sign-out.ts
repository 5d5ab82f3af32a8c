/** Okta's sign-out. It answers 400 without a valid hint or with an unregistered URI. It needs no click and no script. */
import type { Request, RequestHandler } from 'express'
import { decodeJwt } from 'jose'
import { idTokenClaims } from './id-token-claims.js'
import type { Provider } from './oidc-provider.js'
import { OWN_PAGES } from './okta-words.js'
import { errorPage, forTheDeveloper, page } from './pages.js'

export function signOut(current: () => Provider): RequestHandler {
  return async function signOut(req, res) {
    const provider = current()
    const { post_logout_redirect_uri: target, id_token_hint: hint, state } = parametersOf(req)
    const client = await clientOf(provider, hint)
    const mayReturn = !target || client?.postLogoutRedirectUris?.includes(target)
    if (!client || !mayReturn) {
      // How Okta says that it does not accept the hint is not known here.
      const detail = client && forTheDeveloper(OWN_PAGES.signOutUri)
      return void res.status(400).send(errorPage(OWN_PAGES.title, detail))
    }
    const ctx = provider.createContext(req, res)
    const session = await provider.Session.get(ctx)
    await session.destroy()
    // Okta goes to its sign-in page, which here belongs to a sign-in.
    if (!target) return void res.send(page('You are signed out', '      <p>Go back to the app.</p>'))
    const url = new URL(target)
    if (state) url.searchParams.set('state', state)
    res.redirect(url.href)
  }
}

function parametersOf(req: Request): Record<string, string> {
  const given: Record<string, unknown> = (req.method === 'POST' ? req.body : req.query) ?? {}
  const texts = Object.entries(given).filter((one): one is [string, string] => typeof one[1] === 'string')
  return Object.fromEntries(texts)
}

/** The client whose ID token the hint is; `undefined` if it is no ID token of this server. */
async function clientOf(provider: Provider, hint = '') {
  const client = await provider.Client.find(audienceOf(hint))
  return client && (await idTokenClaims(provider, client, hint)) ? client : undefined
}

function audienceOf(jwt: string): string {
  try {
    return String(decodeJwt(jwt).aud)
  } catch {
    return ''
  }
}
