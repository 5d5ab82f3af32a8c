/** The two app integrations of this app in an Okta org: the one that signs people in, and the one that reads users. */
import { createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto'
import { Invalid, privateKey } from '../../setting-values.js'
import type { Json } from '../okta-api.js'

/** What an app of Okta's has that the set-up reads. All else stays as it is. */
export interface App extends Json {
  id: string
  label: string
  status: string
  credentials: { oauthClient: Json & { client_id?: string; client_secret?: string } }
  settings: { oauthClient: OAuthSettings }
}

type OAuthSettings = Json & { application_type?: string; jwks?: { keys?: Jwk[] } }

type Jwk = Json & { n?: string; kid?: string }

/** The most keys that this command has made. With one more, the oldest of them is dropped; it was probably lost. */
const MAX_KEYS = 4

/** The app integration for sign-ins, as a new one. */
export function webApp(label: string, baseUrl: string): Json {
  return {
    name: 'oidc_client',
    label,
    signOnMode: 'OPENID_CONNECT',
    visibility: { hide: { iOS: false, web: false } }, // else Okta shows no tile
    credentials: { oauthClient: webCredentials },
    settings: {
      oauthClient: {
        ...webUris(baseUrl, {}),
        application_type: 'web',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        consent_method: 'TRUSTED',
        initiate_login_uri: `${baseUrl}/login`, // for the tile on Okta's dashboard
        idp_initiated_login: { mode: 'SPEC', default_scope: [] },
      },
    },
  }
}

const webCredentials = { token_endpoint_auth_method: 'client_secret_basic', pkce_required: true }

/** The same app, with all that this app needs. It keeps what it has: other URIs, other grants, the tile's address. */
export function webAppInLine(app: App, baseUrl: string): App {
  const { oauthClient } = app.settings
  const settings = {
    initiate_login_uri: `${baseUrl}/login`,
    ...oauthClient,
    ...webUris(baseUrl, oauthClient),
    grant_types: union(oauthClient.grant_types, 'authorization_code'),
    response_types: union(oauthClient.response_types, 'code'),
  }
  const credentials = { ...app.credentials.oauthClient, ...webCredentials }
  return {
    ...app,
    credentials: { ...app.credentials, oauthClient: credentials },
    settings: { ...app.settings, oauthClient: settings },
  }
}

function webUris(baseUrl: string, { redirect_uris, post_logout_redirect_uris }: Json) {
  return {
    redirect_uris: union(redirect_uris, `${baseUrl}/callback`),
    post_logout_redirect_uris: union(post_logout_redirect_uris, `${baseUrl}/`),
  }
}

function union(list: unknown, value: string): unknown[] {
  const values: unknown[] = Array.isArray(list) ? list : []
  return values.includes(value) ? values : [...values, value]
}

/** The service app that reads users, as a new one. It has no rights yet. */
export function serviceApp(label: string, key: KeyPair): Json {
  return {
    name: 'oidc_client',
    label,
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'private_key_jwt' } },
    settings: {
      oauthClient: {
        application_type: 'service',
        grant_types: ['client_credentials'],
        response_types: ['token'],
        dpop_bound_access_tokens: false, // the app sends no proofs (RFC 9449)
        jwks: { keys: [key.publicJwk] },
      },
    },
  }
}

/** The same service app, with this key beside those that it has. */
export function serviceAppInLine(app: App, key: KeyPair): App {
  const { oauthClient } = app.settings
  const keys = oauthClient.jwks?.keys ?? []
  const isThere = keys.some(({ n }) => n === key.publicJwk.n)
  const isOurs = ({ kid = '' }: Jwk) => kid.startsWith('lair-')
  const kept = [...keys.filter((one) => !isOurs(one)), ...keys.filter(isOurs).slice(1 - MAX_KEYS)]
  const all = isThere ? keys : [...kept, key.publicJwk]
  return {
    ...app,
    settings: {
      ...app.settings,
      oauthClient: {
        ...oauthClient,
        dpop_bound_access_tokens: false,
        jwks: { ...oauthClient.jwks, keys: all },
      },
    },
  }
}

export interface KeyPair {
  publicJwk: Jwk
  /** The value for OKTA_API_PRIVATE_KEY. */
  setting: string
}

/** @param setting OKTA_API_PRIVATE_KEY as it is; if it is no RSA key that the app accepts, a new pair is made */
export function keyPairOf(setting = ''): KeyPair {
  try {
    const { key, kid } = privateKey(setting.trim())
    return { publicJwk: publicPart(key, kid), setting }
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const publicJwk = publicPart(key)
    return { publicJwk, setting: JSON.stringify({ ...key.export({ format: 'jwk' }), kid: publicJwk.kid }) }
  }
}

/** Okta wants a `kid` for every key. A PEM has none, so that it is a hash of the key. */
function publicPart(key: KeyObject, kid?: string): Jwk {
  const { n = '', e = '' } = createPublicKey(key).export({ format: 'jwk' })
  const digest = hash('sha256', n, 'base64url').slice(0, 16)
  return { kty: 'RSA', alg: 'RS256', use: 'sig', n, e, kid: kid ?? `lair-${digest}` }
}
