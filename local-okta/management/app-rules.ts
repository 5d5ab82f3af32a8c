/** What Okta refuses in an app that is created or replaced. The fields and their rules are those of Okta's Apps API. */
import { type ApiError, invalid } from './api-error.js'
import { isObject, isText, type Json, objectIn, textsIn } from './json.js'

const TYPES = ['web', 'native', 'browser', 'service']
const AUTH_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
]
const GRANT_TYPES = [
  'authorization_code',
  'implicit',
  'password',
  'refresh_token',
  'client_credentials',
  'interaction_code',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:openid:params:grant-type:ciba',
]
const RESPONSE_TYPES = ['code', 'token', 'id_token', 'none']
const LOGIN_MODES = ['DISABLED', 'SPEC', 'OKTA']
const BLANK = 'The field cannot be left blank'

/** @throws {ApiError} the first rule that the app breaks */
export function checkApp(app: Json): void {
  if (!isText(app.name)) throw invalid('name', `name: ${BLANK}`)
  if (app.name !== 'oidc_client') throw invalid('name', `name: '${app.name}' is not a known app`)
  if (!isText(app.label)) throw invalid('label', `label: ${BLANK}`)
  if (app.label.length > 100) throw invalid('label', 'label: The field is too long')
  if (app.signOnMode !== 'OPENID_CONNECT')
    throw invalid('signOnMode', 'signOnMode: The sign-on mode is not allowed')
  const settings = objectIn(app.settings)
  if (!isObject(settings.oauthClient)) throw invalid('settings.oauthClient', `settings.oauthClient: ${BLANK}`)
  checkClient(settings.oauthClient, objectIn(objectIn(app.credentials).oauthClient))
}

function checkClient(client: Json, credentials: Json): void {
  const type = client.application_type
  oneOf('application_type', type, TYPES)
  const method = credentials.token_endpoint_auth_method
  if (method !== undefined) oneOf('token_endpoint_auth_method', method, AUTH_METHODS)
  const grants = listIn(client, 'grant_types', GRANT_TYPES)
  const responses = listIn(client, 'response_types', RESPONSE_TYPES)
  if (grants.length === 0) throw refused('grant_types', 'cannot be left blank')
  if (grants.includes('authorization_code') && !responses.includes('code'))
    throw refused('response_types', "must contain 'code' when 'grant_types' contains 'authorization_code'")
  if (type === 'service' && !grants.includes('client_credentials'))
    throw refused('grant_types', "must contain 'client_credentials' for the application type 'service'")
  if (method === 'none' && credentials.pkce_required === false)
    throw refused('pkce_required', "must be true when 'token_endpoint_auth_method' is 'none'")
  checkUris(client, grants)
  checkKeys(client, method)
  const { mode } = objectIn(client.idp_initiated_login)
  if (mode !== undefined) oneOf('idp_initiated_login.mode', mode, LOGIN_MODES)
}

function checkUris(client: Json, grants: string[]): void {
  const redirects = listIn(client, 'redirect_uris')
  const needed = grants.includes('authorization_code') || grants.includes('implicit')
  if (needed && redirects.length === 0)
    throw refused('redirect_uris', "is required when 'grant_types' contains 'authorization_code'")
  const uris = {
    redirect_uris: redirects,
    post_logout_redirect_uris: listIn(client, 'post_logout_redirect_uris'),
  }
  for (const [field, values] of Object.entries(uris)) {
    const wrong = values.find((uri) => !isRedirectUri(uri))
    if (wrong !== undefined) throw refused(field, `'${wrong}' is not a valid redirect URI`)
  }
  const { initiate_login_uri: initiate } = client
  if (initiate !== undefined && initiate !== null && !(isText(initiate) && isRedirectUri(initiate)))
    throw refused('initiate_login_uri', 'is not a valid URI')
}

function isRedirectUri(uri: string): boolean {
  return URL.canParse(uri) && !uri.includes('#') && !uri.includes('*') && !/\s/.test(uri)
}

function checkKeys(client: Json, method: unknown): void {
  const { keys } = objectIn(client.jwks)
  if (client.jwks !== undefined && client.jwks !== null) {
    const wrong = !Array.isArray(keys) || keys.some((key) => !isPublicKey(key))
    if (wrong) throw refused('jwks', 'must be a set of public keys, each with kty and kid')
  }
  const has = (Array.isArray(keys) && keys.length > 0) || isText(client.jwks_uri)
  if (method === 'private_key_jwt' && !has)
    throw refused('jwks', "is required when 'token_endpoint_auth_method' is 'private_key_jwt'")
}

function isPublicKey(key: unknown): boolean {
  const { kty, kid, n, e, x, d } = objectIn(key)
  return (
    isText(kid) && d === undefined && (kty === 'RSA' ? isText(n) && isText(e) : kty === 'EC' && isText(x))
  )
}

/** The texts of a list. `null` and a list that is left out are empty. */
function listIn(client: Json, field: string, allowed?: string[]): string[] {
  const value = client[field] ?? []
  const texts = textsIn(value)
  if (!Array.isArray(value) || texts.length !== value.length) throw refused(field, 'must be a list of texts')
  for (const text of texts) if (allowed) oneOf(field, text, allowed)
  return texts
}

function oneOf(field: string, value: unknown, allowed: string[]): void {
  if (!allowed.includes(value as string)) throw refused(field, `must be one of: ${allowed.join(', ')}`)
}

function refused(field: string, sentence: string): ApiError {
  return invalid(field, `${field}: '${field}' ${sentence}`)
}
