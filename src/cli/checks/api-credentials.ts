/** With what the app asks Okta's API. Only here the doctor knows the kinds of credentials. */
import type { Config } from '../../config.js'

export interface ApiCredentials {
  /** The settings that hold them. */
  settings: string
  /** Why others would be better, if they would. */
  reservation: string | undefined
  /** The value of the header `Authorization`. @throws {OktaFailure} */
  authorization(): Promise<string>
}

export function credentialsOf({ oktaApiToken }: Pick<Config, 'oktaApiToken'>): ApiCredentials {
  return {
    settings: 'OKTA_AUTH_TOKEN',
    reservation:
      'An API token has every right of its owner, and ends after 30 days without use. A service app with the scope okta.users.read is safer',
    authorization: async () => `SSWS ${oktaApiToken}`,
  }
}
