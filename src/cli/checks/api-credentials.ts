/** With what the app asks Okta's API. Only here the doctor knows the kinds of credentials. */
import type { Config } from '../../config.js'
import { requestToken } from '../../okta/access-tokens.js'

export interface ApiCredentials {
  /** The settings that hold them. */
  settings: string
  /** The kind of failure if Okta does not accept them. */
  refused: 'api-credentials' | 'api-token'
  /** Why others would be better, if they would. */
  reservation: string | undefined
  /** The value of the header `Authorization`. @throws {OktaFailure} */
  authorization(): Promise<string>
}

/** As for the app, a service app wins over an API token. */
export function credentialsOf(config: Config): ApiCredentials {
  const {
    oktaOrgUrl: orgUrl,
    oktaApiClientId: clientId,
    oktaApiPrivateKey: privateKey,
    oktaApiToken,
  } = config
  if (clientId && privateKey) {
    return {
      settings: 'OKTA_API_CLIENT_ID and OKTA_API_PRIVATE_KEY',
      refused: 'api-credentials',
      reservation: undefined,
      authorization: async () => `Bearer ${(await requestToken({ orgUrl, clientId, privateKey })).value}`,
    }
  }
  return {
    settings: 'OKTA_AUTH_TOKEN',
    refused: 'api-token',
    reservation:
      'An API token has every right of its owner, and ends after 30 days without use. A service app with the scope okta.users.read is safer',
    authorization: async () => `SSWS ${oktaApiToken}`,
  }
}
