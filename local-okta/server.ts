/**
 * An Okta org for development and tests: a custom authorization server, the org's own, one sign-in page for both, and
 * the Users API. It listens on loopback only and has no real secrets. It is never part of production.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { answerHeaders } from './answer-headers.js'
import { createAuthorizationServer } from './authorization-server.js'
import { takeLiterally } from './client-authentication.js'
import { createDoor } from './door.js'
import { createFaults } from './faults.js'
import { faultsApi } from './faults-api.js'
import { home } from './home.js'
import type { LocalOkta, LocalOktaOptions } from './local-okta.js'
import { loopbackOnly } from './loopback-only.js'
import { createAdmissions } from './management/admission.js'
import { managementApi } from './management/api.js'
import { createAuthorize } from './management/authorization.js'
import { createOrg } from './management/org.js'
import { makeReady, register, universalLogoutEndpoint } from './management/ready.js'
import { issueServiceTokens, serviceTokenIn } from './management/service-tokens.js'
import type { JWK, Provider } from './oidc-provider.js'
import { oktaRoutes } from './okta-routes.js'
import { errorPage } from './pages.js'
import { createPeople, type LocalPerson } from './people.js'
import { makeServiceApp, type ServiceApp } from './service-app.js'
import { createSigningKey } from './signing-key.js'
import { createStorage } from './storage.js'
import { createUniversalLogout } from './universal-logout.js'
import { universalLogoutPage } from './universal-logout-page.js'
import { unreadable } from './unreadable.js'
import { usersApi } from './users-api.js'

export type { LocalOkta, LocalOktaOptions } from './local-okta.js'

/** Starts the local Okta. @throws {Error} in production, or if the port is taken */
export async function startLocalOkta({
  port = 0,
  apiToken = `00${randomBytes(30).toString('base64url')}`,
  people = createPeople(),
  clientAuthentication = 'form-encoded',
  signingKey,
  serviceAppKey,
  empty = false,
  restartApp,
  ...app
}: LocalOktaOptions = {}): Promise<LocalOkta> {
  if (process.env.NODE_ENV === 'production') throw new Error('The local Okta does not run in production')
  const person = (matches: (person: LocalPerson) => boolean) => {
    const found = people.find(matches)
    return found && faults.effective(found)
  }

  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const orgUrl = `http://localhost:${(server.address() as AddressInfo).port}`
  const issuer = `${orgUrl}/oauth2/default`
  const door = createDoor(server, (server.address() as AddressInfo).port)
  const faults = createFaults({
    people,
    rotateKeys: () => okta.rotateKeys(),
    down: () => door.shut(),
    up: () => door.open(),
  })

  const { effective, skewSeconds } = faults
  const now = () => new Date(Date.now() + skewSeconds() * 1000).toISOString()
  const org = createOrg({ url: orgUrl, people, effective, now })
  const ready = empty ? undefined : makeReady(org, app)
  const admissions = createAdmissions(org)
  const { groupsOf } = admissions
  const storage = createStorage(admissions.client)
  const { endSessions } = storage
  const shared = {
    ...admissions,
    storage: storage.adapter,
    cookieKey: randomBytes(32).toString('hex'),
    person: (id: string) => person((candidate) => candidate.id === id),
    errorPage,
    faults,
    rewrite: (path: string, body: unknown) => okta.rewrite?.(path, body as Record<string, unknown>) ?? body,
  }
  const rules = {
    default: { isAssigned: admissions.isAssigned, isLetIn: admissions.isLetIn, refusal: faults.refusal },
    // Every org may use its own server, without access policies.
    org: { isAssigned: admissions.isAssigned, isLetIn: () => true, refusal: () => undefined },
  }
  const createServers = (signingKey: JWK): Record<ServerName, Provider> => ({
    default: createAuthorizationServer({
      ...shared,
      ...rules.default,
      signingKey,
      issuer,
      endpoints: '/v1',
      thinIdTokens: false,
      signInPath: (uid) => `/signin/default/${uid}`,
    }),
    org: issueServiceTokens(
      createAuthorizationServer({
        ...shared,
        ...rules.org,
        signingKey,
        issuer: orgUrl,
        endpoints: '/oauth2/v1',
        thinIdTokens: true,
        signInPath: (uid) => `/signin/org/${uid}`,
      }),
      org,
    ),
  })
  signingKey ??= await createSigningKey()
  let serviceApp: ServiceApp | undefined
  let servers = createServers(signingKey)

  const web = express().disable('x-powered-by')
  web.use(answerHeaders(faults), loopbackOnly, home(org))
  const keyId = () => String(okta.signingKey.kid)
  web.use('/faults', faultsApi({ faults, people, keyId, restartApp }))
  const endpoint = () => ready && universalLogoutEndpoint(ready)
  const send = createUniversalLogout({ orgUrl, endpoint, signingKey: () => okta.signingKey, skewSeconds })
  web.use(
    '/universal-logout',
    universalLogoutPage({ people, effective, groupsOf, endpoint, endSessions, send }),
  )
  const byIdOrLogin = (key: string) => person(({ id, profile }) => ['me', id, profile.login].includes(key))
  const authorize = createAuthorize({ org, apiToken, bearer: serviceTokenIn(storage.adapter, faults) })
  web.use(managementApi({ org, endSessions, authorize, faults }))
  web.use('/api/v1', usersApi({ authorize, orgUrl, person: byIdOrLogin, groupsOf: org.groupsOf, faults }))
  if (clientAuthentication === 'literal') web.use('/oauth2', takeLiterally)
  const faultsOn = () => faults.active().length
  const common = { people, effective, groupsOf, faultsOn, orgUrl, person: shared.person }
  for (const [name, endpoints] of [
    ['default', '/oauth2/default/v1'],
    ['org', '/oauth2/v1'],
  ] as const)
    web.use(
      oktaRoutes({
        ...common,
        ...rules[name],
        signIn: `/signin/${name}`,
        endpoints,
        current: () => servers[name],
      }),
    )
  web.use('/oauth2/default', (req, res) => void servers.default.callback()(req, res))
  web.use((req, res) => void servers.org.callback()(req, res))
  web.use(unreadable)
  server.on('request', web)

  const okta: LocalOkta = {
    orgUrl,
    issuer,
    clientId: ready?.clientId ?? '',
    clientSecret: ready?.secret?.value ?? '',
    apiToken,
    get serviceApp() {
      serviceApp ??= makeServiceApp(org, storage.endServiceTokens, serviceAppKey) // by default its key takes 0.1 s
      return serviceApp
    },
    people,
    signingKey,
    faults,
    rewrite: undefined,
    sendUniversalLogout: send,
    addGroup(name, logins) {
      const members = people.filter(({ profile }) => logins.includes(String(profile.login)))
      org.addGroup(
        name,
        '',
        members.map(({ id }) => id),
      )
    },
    async rotateKeys() {
      okta.signingKey = await createSigningKey()
      servers = createServers(okta.signingKey)
    },
    register(baseUrl) {
      if (ready) register(ready, baseUrl)
    },
    down: door.shut,
    up: () => faults.off('org-down'),
    close: door.shutForGood,
  }
  return okta
}

/** `default` is the custom authorization server, `org` the org's own. */
type ServerName = 'default' | 'org'
