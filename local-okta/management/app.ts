/** An app of the org: what Okta makes of what was sent, and the client that the app is to oidc-provider. */
import { randomBytes } from 'node:crypto'
import type { AdapterPayload, JWKS } from '../oidc-provider.js'
import { checkApp } from './app-rules.js'
import { newId } from './ids.js'
import { isObject, isText, type Json, objectIn, textsIn } from './json.js'

export interface App {
  id: string
  clientId: string
  secret: ClientSecret | undefined
  status: 'ACTIVE' | 'INACTIVE'
  created: string
  lastUpdated: string
  /** What was sent, and what Okta has added: all but ids, times, links and the secret. */
  sent: SentApp
  /** Assigned groups, by id, with the time of the assignment. */
  groups: Map<string, string>
  grants: Grant[]
  roles: Role[]
}

type AuthMethod = NonNullable<AdapterPayload['token_endpoint_auth_method']>

export interface SentApp extends Json {
  label: string
  credentials: {
    oauthClient: { token_endpoint_auth_method: AuthMethod; pkce_required: boolean } & Json
  } & Json
  settings: { oauthClient: { application_type: string; dpop_bound_access_tokens: boolean } & Json } & Json
}

export interface ClientSecret {
  id: string
  value: string
  created: string
}

/** A scope of Okta's API that the app may ask for. */
export interface Grant {
  id: string
  scopeId: string
  created: string
}

/** An administrator's role of the app. */
export interface Role {
  id: string
  type: string
  created: string
}

/** Members that only Okta sets. */
const NOT_SENT = ['id', 'orn', 'status', 'created', 'lastUpdated', '_links', '_embedded']

/** @throws {ApiError} if the app breaks a rule of `app-rules.ts` */
export function createApp(body: Json, now: string, activate = true): App {
  const sent = sentApp(body)
  const given = objectIn(objectIn(body.credentials).oauthClient)
  const id = newId('0oa')
  return {
    id,
    clientId: isText(given.client_id) ? given.client_id : id,
    secret: secretFor(sent, given, undefined, now),
    status: activate ? 'ACTIVE' : 'INACTIVE',
    created: now,
    lastUpdated: now,
    sent,
    groups: new Map(),
    grants: [],
    roles: [],
  }
}

/** What is left out of `body` is gone, or has its default again. Ids, the secret and the assignments stay. */
export function replaceApp(app: App, body: Json, now: string): void {
  const sent = sentApp(body)
  const given = objectIn(objectIn(body.credentials).oauthClient)
  Object.assign(app, { sent, secret: secretFor(sent, given, app.secret, now), lastUpdated: now })
}

function sentApp(body: Json): SentApp {
  checkApp(body)
  const own = Object.fromEntries(Object.entries(body).filter(([name]) => !NOT_SENT.includes(name)))
  const [credentials, settings] = [objectIn(body.credentials), objectIn(body.settings)]
  const { client_id: _id, client_secret: _secret, ...oauthClient } = objectIn(credentials.oauthClient)
  const client = objectIn(settings.oauthClient)
  const isPublic = ['native', 'browser'].includes(String(client.application_type))
  return {
    accessibility: { selfService: false, errorRedirectUrl: null, loginRedirectUrl: null },
    visibility: { autoLaunch: false, autoSubmitToolbar: false, hide: { iOS: true, web: true } },
    features: [],
    ...own,
    label: String(body.label),
    credentials: {
      userNameTemplate: { template: `\${source.login}`, type: 'BUILT_IN' },
      signing: {},
      ...credentials,
      oauthClient: {
        autoKeyRotation: true,
        token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
        pkce_required: isPublic,
        ...oauthClient,
      },
    },
    settings: {
      app: {},
      notifications: { vpn: { network: { connection: 'DISABLED' }, message: null, helpUrl: null } },
      manualProvisioning: false,
      implicitAssignment: false,
      notes: { admin: null, enduser: null },
      ...settings,
      oauthClient: {
        application_type: String(client.application_type),
        consent_method: 'TRUSTED',
        issuer_mode: 'DYNAMIC',
        idp_initiated_login: { mode: 'DISABLED', default_scope: [] },
        wildcard_redirect: 'DISABLED',
        dpop_bound_access_tokens: false,
        ...client,
      },
    },
  }
}

function secretFor(
  sent: SentApp,
  given: Json,
  before: ClientSecret | undefined,
  now: string,
): ClientSecret | undefined {
  if (!sent.credentials.oauthClient.token_endpoint_auth_method.startsWith('client_secret_')) return undefined
  const { client_secret: value } = given
  if (!isText(value) && before) return before
  if (before && value === before.value) return before
  return {
    id: newId('ocs'),
    value: isText(value) ? value : randomBytes(48).toString('base64url'),
    created: now,
  }
}

/** @returns nothing for an app that is not active: nobody may use it */
export function clientOf({ clientId, secret, status, sent }: App): AdapterPayload | undefined {
  if (status !== 'ACTIVE') return undefined
  const { token_endpoint_auth_method } = sent.credentials.oauthClient
  const client = sent.settings.oauthClient
  // Only what is of use here: with a grant type that oidc-provider does not know, it refuses the whole client.
  const usable =
    client.application_type === 'service' ? ['client_credentials'] : ['authorization_code', 'refresh_token']
  const grants = textsIn(client.grant_types).filter((type) => usable.includes(type))
  return {
    client_id: clientId,
    ...(secret && { client_secret: secret.value }),
    application_type: client.application_type === 'native' ? 'native' : 'web',
    token_endpoint_auth_method,
    grant_types: grants,
    response_types: grants.includes('authorization_code') ? ['code'] : [],
    redirect_uris: textsIn(client.redirect_uris),
    post_logout_redirect_uris: textsIn(client.post_logout_redirect_uris),
    ...(isObject(client.jwks) && { jwks: client.jwks as unknown as JWKS }),
  }
}
