/** The credentials with which the app calls Okta's API. Only here the doctor knows their kinds. */
import type { Config } from '../../config.js'
import { requestToken } from '../../okta/access-tokens.js'
import { serviceAppOf } from '../../okta/api-credentials.js'

export interface CheckedCredentials {
  /** The settings that hold them. */
  settings: string
  /** The kind of failure if Okta does not accept them. */
  refused: 'api-credentials' | 'api-token'
  /** A warning about these credentials, if there is one. */
  reservation: string | undefined
  /**
   * The value of the header `Authorization`.
   * @param scope what it is for; by default, to read users. @throws {OktaFailure}
   */
  authorization(scope?: string): Promise<string>
}

export function credentialsOf(config: Config): CheckedCredentials {
  const app = serviceAppOf(config)
  if (app) {
    return {
      settings: 'OKTA_API_CLIENT_ID and OKTA_API_PRIVATE_KEY',
      refused: 'api-credentials',
      reservation: undefined,
      authorization: async (scope) => `Bearer ${(await requestToken(app, scope)).value}`,
    }
  }
  return {
    settings: 'OKTA_AUTH_TOKEN',
    refused: 'api-token',
    reservation:
      'An API token has every right of its owner, and ends after 30 days without use. A service app with the scope okta.users.read is safer',
    authorization: async () => `SSWS ${config.oktaApiToken}`,
  }
}
