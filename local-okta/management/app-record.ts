/** An app, and its secret, as Okta's Apps API shows them. */
import { createHash } from 'node:crypto'
import type { App } from './app.js'
import type { Json } from './json.js'

/** @param withSecret Okta shows the secret when the app was created or replaced, and not when it is read */
export function appRecord(app: App, orgUrl: string, withSecret: boolean): Json {
  const { id, clientId, secret, status, created, lastUpdated, sent } = app
  const link = (path: string) => ({ href: `${orgUrl}/api/v1/apps/${id}/${path}` })
  const other = status === 'ACTIVE' ? 'deactivate' : 'activate'
  return {
    ...sent,
    id,
    orn: `orn:okta:idp:00o00000000000000001:apps:oidc_client:${id}`,
    status,
    created,
    lastUpdated,
    credentials: {
      ...sent.credentials,
      oauthClient: {
        ...sent.credentials.oauthClient,
        client_id: clientId,
        ...(withSecret && secret && { client_secret: secret.value }),
      },
    },
    _links: {
      users: link('users'),
      groups: link('groups'),
      [other]: link(`lifecycle/${other}`),
    },
  }
}

export function secretRecord({ secret, ...app }: App, orgUrl: string): Json[] {
  if (!secret) return []
  const href = `${orgUrl}/api/v1/apps/${app.id}/credentials/secrets/${secret.id}/lifecycle/deactivate`
  return [
    {
      id: secret.id,
      status: 'ACTIVE',
      client_secret: secret.value,
      secret_hash: createHash('md5').update(secret.value).digest('base64url'),
      created: secret.created,
      lastUpdated: secret.created,
      _links: { deactivate: { href, hints: { allow: ['POST'] } } },
    },
  ]
}
