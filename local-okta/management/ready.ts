/** What an org holds that is ready for the app: the app, assigned to Everyone, a group, and a policy that lets it in. */
import type { App } from './app.js'
import { newId } from './ids.js'
import type { Org } from './org.js'

export function makeReady(org: Org, clientSecret: string): App {
  const app = org.addApp({
    name: 'oidc_client',
    label: 'The lair',
    signOnMode: 'OPENID_CONNECT',
    credentials: {
      oauthClient: { client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_basic' },
    },
    settings: {
      oauthClient: {
        application_type: 'web',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: ['http://localhost:3000/callback'],
        post_logout_redirect_uris: ['http://localhost:3000/'],
      },
    },
  })
  app.groups.set(org.everyone.id, org.now())
  const thundercats = org.people.slice(0, 2).map(({ id }) => id)
  org.addGroup('Thundercats', 'Who lives in the lair', thundercats)
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
        token: {
          accessTokenLifetimeMinutes: 60,
          refreshTokenLifetimeMinutes: 0,
          refreshTokenWindowMinutes: 10_080,
        },
      },
    ],
  })
  return app
}

/** Registers the redirect URIs of the app at `baseUrl`, as an administrator does in Okta. */
export function register(app: App, baseUrl: string): void {
  Object.assign(app.sent.settings.oauthClient, {
    redirect_uris: [`${baseUrl}/callback`],
    post_logout_redirect_uris: [`${baseUrl}/`],
  })
}
