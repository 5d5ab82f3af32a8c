/** The service app that is ready in the org: it may read users and groups. */
import { createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto'
import { newId } from './management/ids.js'
import type { Org } from './management/org.js'
import type { JWK } from './oidc-provider.js'

export interface ServiceApp {
  clientId: string
  /** PEM. The org knows the public key that belongs to it. Tests change what the org knows: this, and the other two. */
  privateKey: string
  /** What an administrator has granted. */
  scopes: string[]
  /** From now on, the tokens that the app has are worthless. */
  revokeTokens(): void
}

export function makeServiceApp(org: Org, key: JWK, revokeTokens: () => void): ServiceApp {
  const app = org.addApp({
    name: 'oidc_client',
    label: 'The lair reads users',
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'private_key_jwt' } },
    settings: {
      oauthClient: {
        application_type: 'service',
        grant_types: ['client_credentials'],
        response_types: ['token'],
        jwks: { keys: [publicPart(key as JsonWebKey)] },
      },
    },
  })
  app.roles.push({ id: newId('KVJ'), type: 'READ_ONLY_ADMIN', created: org.now() })
  let privateKey = createPrivateKey({ key: key as JsonWebKey, format: 'jwk' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const serviceApp: ServiceApp = {
    get clientId() {
      return app.clientId
    },
    set clientId(id) {
      app.clientId = id
    },
    get privateKey() {
      return privateKey
    },
    set privateKey(pem) {
      privateKey = pem
      app.sent.settings.oauthClient.jwks = {
        keys: [publicPart(createPublicKey(pem).export({ format: 'jwk' }))],
      }
    },
    get scopes() {
      return app.grants.map(({ scopeId }) => scopeId)
    },
    set scopes(scopes) {
      app.grants = scopes.map((scopeId) => ({ id: newId('oag'), scopeId, created: org.now() }))
    },
    revokeTokens,
  }
  serviceApp.scopes = ['okta.users.read', 'okta.groups.read']
  return serviceApp
}

function publicPart({ n, e }: JsonWebKey): Record<string, unknown> {
  return { kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'service-app', n, e }
}
