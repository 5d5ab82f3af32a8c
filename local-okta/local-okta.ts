/** What a local Okta is to those who start one, and how they may start it. */
import type { ClientAuthentication } from './client-authentication.js'
import type { Faults } from './faults.js'
import type { ReadyApp } from './management/ready.js'
import type { JWK } from './oidc-provider.js'
import type { LocalPerson } from './people.js'
import type { ServiceApp } from './service-app.js'
import type { SendUniversalLogout } from './universal-logout.js'

export interface LocalOkta {
  /** The origin of the org, e.g. `http://localhost:49152`. */
  orgUrl: string
  /** The issuer of the custom authorization server. */
  issuer: string
  /** Of the app that is ready to be used; empty, like its secret, in an org that was started `empty`. */
  clientId: string
  clientSecret: string
  apiToken: string
  /** A service app that may read users and groups. The org has it from the first use of this property on. */
  serviceApp: ServiceApp
  /** Everybody in the org. Tests change them. */
  people: LocalPerson[]
  /** The private key that signs ID tokens. */
  signingKey: JWK
  /** Tests set this to make hostile answers: it changes the JSON answers of the authorization servers. */
  rewrite: ((path: string, body: Record<string, unknown>) => unknown) | undefined
  /** The faults, which tests switch by name; the page `/faults` does the same. */
  faults: Faults
  /** Asks the app to end a person's sessions, as Okta does. Okta's own sessions stay. */
  sendUniversalLogout: SendUniversalLogout
  /** Makes a group of these people, as an administrator does. */
  addGroup(name: string, logins: string[]): void
  /** From now on the org signs with a new key. The old key is no longer in the key set. */
  rotateKeys(): Promise<void>
  /** Registers the redirect URIs of the ready app, as an administrator does in Okta. An `empty` org has none. */
  register(baseUrl: string): void
  /** The org stops listening and cuts every connection, until `up`. */
  down(): Promise<void>
  /** The org listens again, on the same port. */
  up(): Promise<void>
  close(): Promise<void>
}

export interface LocalOktaOptions extends ReadyApp {
  /** By default a free port. */
  port?: number
  /** By default a token like one that Okta makes. */
  apiToken?: string
  /** By default those of people.ts. */
  people?: LocalPerson[]
  clientAuthentication?: ClientAuthentication
  /** The private key that signs ID tokens, until `rotateKeys`. By default a new one. */
  signingKey?: JWK
  /** The private key of `serviceApp`, as PEM. By default a new one. */
  serviceAppKey?: string
  /** An org as it is when it is new: no app, no group but Everyone, and no access policy. */
  empty?: boolean
  /** Restarts the app, for the page of faults. Resolves when the app answers again. By default nobody can. */
  restartApp?: () => Promise<void>
}
