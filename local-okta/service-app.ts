/** The service app that is ready in the org: it may read users and groups. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { newId } from './management/ids.js'
import type { Org } from './management/org.js'

export interface ServiceApp {
  clientId: string
  /** PEM. The org knows the public key that belongs to it. Tests change what the org knows: this, and the other two. */
  privateKey: string
  /** What an administrator has granted. */
  scopes: string[]
  /** From now on, the tokens that the app has are worthless. */
  revokeTokens(): void
}

/** @param privateKey as PEM; by default a new one */
export function makeServiceApp(org: Org, revokeTokens: () => void, privateKey = newKey()): ServiceApp {
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
        jwks: publicPart(privateKey),
      },
    },
  })
  app.roles.push({ id: newId('KVJ'), type: 'READ_ONLY_ADMIN', created: org.now() })
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
      app.sent.settings.oauthClient.jwks = publicPart(pem)
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

/** A private key as PEM. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function publicPart(pem: string): { keys: Record<string, unknown>[] } {
  const { n, e } = createPublicKey(pem).export({ format: 'jwk' })
  return { keys: [{ kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'service-app', n, e }] }
}
