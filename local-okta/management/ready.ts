/** What an org holds that is ready for the app: the app, assigned to Everyone, a group, and a policy that lets it in. */
import { randomBytes } from 'node:crypto'
import type { App } from './app.js'
import { newId } from './ids.js'
import { textsIn } from './json.js'
import type { Org } from './org.js'
import { TOKEN } from './policy-rules.js'

/** What a test or a developer may choose about it. */
export interface ReadyApp {
  /** By default an id and a secret like those that Okta makes. */
  clientId?: string
  clientSecret?: string
  /** The app has no secret: it proves itself with PKCE. */
  publicClient?: boolean
  redirectUris?: string[]
  signOutUris?: string[]
  /** The members are the ids of people. By default there are Thundercats, the first two people, and Lair keepers, the first. */
  groups?: { name: string; members: string[] }[]
}

export function makeReady(
  org: Org,
  {
    clientId,
    clientSecret = randomBytes(32).toString('base64url'),
    publicClient = false,
    redirectUris = ['http://localhost:3000/callback'],
    signOutUris = ['http://localhost:3000/'],
    groups = [
      { name: 'Thundercats', members: org.people.slice(0, 2).map(({ id }) => id) },
      { name: 'Lair keepers', members: org.people.slice(0, 1).map(({ id }) => id) },
    ],
  }: ReadyApp,
): App {
  const secret = { client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_basic' }
  const noSecret = { token_endpoint_auth_method: 'none', pkce_required: true }
  const app = org.addApp({
    name: 'oidc_client',
    label: 'The lair',
    signOnMode: 'OPENID_CONNECT',
    credentials: {
      oauthClient: { ...(clientId && { client_id: clientId }), ...(publicClient ? noSecret : secret) },
    },
    settings: {
      oauthClient: {
        application_type: publicClient ? 'browser' : 'web',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: redirectUris,
        post_logout_redirect_uris: signOutUris,
      },
    },
  })
  app.groups.set(org.everyone.id, org.now())
  for (const { name, members } of groups) org.addGroup(name, '', members)
  const times = { created: org.now(), lastUpdated: org.now() }
  org.policies.push({
    id: newId('00p'),
    name: 'Default Policy',
    description: 'Lets everybody in, whatever the app',
    priority: 1,
    status: 'ACTIVE',
    ...times,
    clients: ['ALL_CLIENTS'],
    rules: [
      {
        id: newId('0pr'),
        name: 'Default Policy Rule',
        priority: 1,
        status: 'ACTIVE',
        ...times,
        people: { users: { include: [], exclude: [] }, groups: { include: ['EVERYONE'], exclude: [] } },
        grantTypes: ['authorization_code', 'implicit', 'password', 'client_credentials'],
        scopes: ['*'],
        token: TOKEN,
      },
    ],
  })
  return app
}

/** Registers the addresses of the app at `baseUrl`, and shows its tile, as an administrator does in Okta. */
export function register(app: App, baseUrl: string): void {
  Object.assign(app.sent.settings.oauthClient, {
    redirect_uris: [`${baseUrl}/callback`],
    post_logout_redirect_uris: [`${baseUrl}/`],
    initiate_login_uri: `${baseUrl}/login`,
    idp_initiated_login: { mode: 'SPEC', default_scope: [] },
  })
  Object.assign(app.sent, { visibility: { hide: { iOS: false, web: false } } })
}

/** Where Okta sends requests for Universal Logout. It stands in Okta's console only; here it follows from the app's address. */
export function universalLogoutEndpoint(app: App): string | undefined {
  const [redirectUri] = textsIn(app.sent.settings.oauthClient.redirect_uris)
  return redirectUri && new URL('/global-token-revocation', redirectUri).href
}
