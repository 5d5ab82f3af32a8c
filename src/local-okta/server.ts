/**
 * An Okta org for development and tests: a custom authorization server, the org's own, and the Users API, behind
 * one sign-in page. It listens on loopback only and knows no secrets worth keeping. Never part of production.
 */
import { generateKeyPair, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import express, { type Request, type RequestHandler, type Response } from 'express'
import type { AdapterPayload, JWK, Provider } from 'oidc-provider'
import { createAuthorizationServer } from './authorization-server.js'
import { errorPage, homePage, STYLE, signInPage } from './pages.js'
import { createPeople, type LocalPerson, maySignIn } from './people.js'
import { createStorage } from './storage.js'
import { usersApi } from './users-api.js'

export interface LocalOkta {
  /** Origin of the org, e.g. `http://localhost:49152`. */
  orgUrl: string
  /** Issuer of its custom authorization server. */
  issuer: string
  clientId: string
  clientSecret: string
  apiToken: string
  /** Everybody in the org; tests change them. */
  people: LocalPerson[]
  /** The private key that signs ID tokens. */
  signingKey: JWK
  /** Changes what the authorization servers answer in JSON, by the path below the issuer; for hostile answers. */
  rewrite: ((path: string, body: Record<string, unknown>) => unknown) | undefined
  /** Signs with a new key from now on; the old one leaves the key set at once. */
  rotateKeys(): Promise<void>
  /** What an administrator does in the app's settings: names the URLs that the app may be sent back to. */
  register(baseUrl: string): void
  close(): Promise<void>
}

/** On any free port. */
export async function startLocalOkta(): Promise<LocalOkta> {
  if (process.env.NODE_ENV === 'production') throw new Error('The local Okta does not run in production')
  const clientId = `0oa${randomBytes(8).toString('hex')}`
  const clientSecret = randomBytes(32).toString('base64url')
  const apiToken = `00${randomBytes(30).toString('base64url')}`
  const people = createPeople()
  const byId = (id: string) => people.find((person) => person.id === id)
  const byIdOrLogin = (key: string) =>
    key === 'me' ? people[0] : people.find(({ id, profile }) => id === key || profile.login === key)

  const client: AdapterPayload = {
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [],
    post_logout_redirect_uris: [],
  }
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const orgUrl = `http://localhost:${(server.address() as AddressInfo).port}`
  const issuer = `${orgUrl}/oauth2/default`

  const shared = {
    storage: createStorage((id) => (id === clientId ? client : undefined)),
    cookieKey: randomBytes(32).toString('hex'),
    person: byId,
    errorPage,
    rewrite: (path: string, body: unknown) => okta.rewrite?.(path, body as Record<string, unknown>) ?? body,
  }
  const createServers = (signingKey: JWK): Record<ServerName, Provider> => ({
    default: createAuthorizationServer({
      ...shared,
      signingKey,
      issuer,
      endpoints: '/v1',
      thinIdTokens: false,
      signInPath: (uid) => `/signin/default/${uid}`,
    }),
    org: createAuthorizationServer({
      ...shared,
      signingKey,
      issuer: orgUrl,
      endpoints: '/oauth2/v1',
      thinIdTokens: true,
      signInPath: (uid) => `/signin/org/${uid}`,
    }),
  })
  const signingKey = await createSigningKey()
  let servers = createServers(signingKey)

  const app = express()
  app.disable('x-powered-by')
  app.use(plainSecurity())
  app.get('/', (_req, res) => void res.send(homePage(orgUrl)))
  app.get('/local-okta.css', (_req, res) => void res.type('css').send(STYLE))
  app.use('/api/v1', usersApi({ apiToken, orgUrl: () => orgUrl, person: byIdOrLogin }))
  for (const name of ['default', 'org'] as const) {
    const steps = signInSteps(() => servers[name], people)
    app
      .route(`/signin/${name}/:uid`)
      .get(steps.show)
      .post(express.urlencoded({ extended: false }), steps.pick)
  }
  app.get(
    '/oauth2/default/v1/logout',
    signOut(() => servers.default, client),
  )
  app.get(
    '/oauth2/v1/logout',
    signOut(() => servers.org, client),
  )
  app.use('/oauth2/default', (req, res) => void servers.default.callback()(req, res))
  app.use((req, res) => void servers.org.callback()(req, res))
  server.on('request', app)

  const okta: LocalOkta = {
    orgUrl,
    issuer,
    clientId,
    clientSecret,
    apiToken,
    people,
    signingKey,
    rewrite: undefined,
    async rotateKeys() {
      okta.signingKey = await createSigningKey()
      servers = createServers(okta.signingKey)
    },
    register(baseUrl) {
      client.redirect_uris = [`${baseUrl}/callback`]
      client.post_logout_redirect_uris = [`${baseUrl}/`]
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  return okta
}

/** A custom authorization server, and the org's own. */
type ServerName = 'default' | 'org'

async function createSigningKey(): Promise<JWK> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const kid = randomBytes(16).toString('base64url')
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' } as JWK
}

/** The step between an app's authorize request and its callback: who is it? */
function signInSteps(current: () => Provider, people: LocalPerson[]) {
  async function show(req: Request, res: Response): Promise<void> {
    const provider = current()
    const { prompt } = await provider.interactionDetails(req, res)
    if (prompt.name === 'login') return void res.send(signInPage(people))
    await provider.interactionFinished(req, res, {
      error: 'access_denied',
      error_description: 'User is not assigned to the client application.',
    })
  }

  async function pick(req: Request, res: Response): Promise<void> {
    const provider = current()
    await provider.interactionDetails(req, res)
    const { person: login } = (req.body ?? {}) as { person?: string }
    const person = people.find(({ profile }) => profile.login === login)
    if (!person || !maySignIn(person)) {
      return void res.status(401).send(signInPage(people, 'Unable to sign in'))
    }
    person.lastLogin = new Date().toISOString()
    const returnTo = await provider.interactionResult(req, res, {
      login: { accountId: person.id, amr: ['pwd'] },
    })
    const session = await provider.Session.get(provider.createContext(req, res)) // perhaps of another tab since
    if (session.accountId && session.accountId !== person.id) {
      // Somebody else takes over: oidc-provider would sign the first one out through a page with a script.
      delete session.accountId
      session.authorizations = {}
      await session.persist()
    }
    res.redirect(303, returnTo)
  }

  const onError = (step: (req: Request, res: Response) => Promise<void>): RequestHandler => {
    return async (req, res) => {
      try {
        await step(req, res)
      } catch {
        res.status(400).send(errorPage('This sign-in has expired'))
      }
    }
  }
  return { show: onError(show), pick: onError(pick) }
}

/** Okta's sign-out: 400 without a valid hint or with an unregistered URI; otherwise no click and no script. */
function signOut(current: () => Provider, client: AdapterPayload): RequestHandler {
  return async function signOut(req, res) {
    const provider = current()
    const query = (name: string) => (typeof req.query[name] === 'string' ? req.query[name] : '')
    const target = query('post_logout_redirect_uri')
    const registered = (client.post_logout_redirect_uris as string[]).includes(target)
    if (!registered || !(await isOurIdToken(provider, client, query('id_token_hint')))) {
      return void res.status(400).send(errorPage('Your request resulted in an error'))
    }
    const ctx = provider.createContext(req, res)
    const session = await provider.Session.get(ctx)
    await session.destroy()
    const url = new URL(target)
    if (query('state')) url.searchParams.set('state', query('state'))
    res.redirect(url.href)
  }
}

async function isOurIdToken(provider: Provider, client: AdapterPayload, hint: string): Promise<boolean> {
  try {
    const found = await provider.Client.find(client.client_id as string)
    // Untyped: oidc-provider's own check of an id_token_hint, which accepts expired ones as Okta does.
    const { IdToken } = provider as unknown as {
      IdToken: { validate(jwt: string, client: unknown): Promise<unknown> }
    }
    await IdToken.validate(hint, found)
    return true
  } catch {
    return false
  }
}

function plainSecurity(): RequestHandler {
  return function plainSecurity(_req, res, next) {
    res.set(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'",
    )
    next()
  }
}
