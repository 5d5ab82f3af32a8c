/** Starts the real app and the local Okta in this process, each on a free port. */
import { setTimeout as pause } from 'node:timers/promises'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { newKey } from '../../local-okta/service-app.js'
import { createSigningKey } from '../../local-okta/signing-key.js'
import { loadConfig } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import * as app from '../../src/server.js'
import { freePort } from './process.js'
import { Visitor } from './visitor.js'

export const SECRET_KEY = 'a-secret-key-for-tests-that-is-long-enough'

/** To make a key takes 0.1 s of all the processor has. The local Oktas of the lairs can share them. */
const signingKey = createSigningKey()
const serviceAppKey = newKey()

export interface Lair {
  okta: LocalOkta
  url: string
  /** Where the app listens: the same as `url`, unless the test sets BASE_URL. */
  reach: string
  /** What the app has logged: one object for each line. */
  log: Record<string, unknown>[]
  /** Resolves when the app has all that a sign-in needs. */
  ready(): Promise<void>
  /** A stranger, with a browser of their own. */
  visitor(): Visitor
  /** A person who has signed in; by default Lion-O. */
  signedIn(login?: string): Promise<Visitor>
  /** Moves the clock by which the app measures the age of Okta's answers. Sessions use another clock. */
  pass(seconds: number): void
  /** Stops the app and starts it again at the same address, with the settings of `env` changed. */
  restart(env?: Record<string, string>): Promise<void>
  close(): Promise<void>
}

/** The environment of an app that trusts `okta`. */
export function environmentFor(okta: LocalOkta): Record<string, string> {
  return {
    OKTA_ORG_URL: okta.orgUrl,
    OKTA_CLIENT_ID: okta.clientId,
    OKTA_CLIENT_SECRET: okta.clientSecret,
    OKTA_AUTH_TOKEN: okta.apiToken,
    SECRET_KEY,
    PORT: '0',
    SIGN_IN_LIMIT_PER_MINUTE: '1000000', // all tests come from one address
  }
}

/** What to add to the environment, so that the app asks the Users API as the service app of `okta`. */
export function asServiceApp({ serviceApp }: LocalOkta): Record<string, string> {
  const { clientId, privateKey } = serviceApp
  return { OKTA_AUTH_TOKEN: '', OKTA_API_CLIENT_ID: clientId, OKTA_API_PRIVATE_KEY: privateKey }
}

interface LairParts {
  /** A `startServer` other than that of `src/`. */
  startServer?: typeof app.startServer
  /** The local Okta of another lair, for a second instance of the app. It stays when this lair closes. */
  sharedOkta?: LocalOkta
}

export async function startLair(
  env: Record<string, string> | ((okta: LocalOkta) => Record<string, string>) = {},
  { startServer = app.startServer, sharedOkta }: LairParts = {},
): Promise<Lair> {
  await import('@okta/okta-sdk-nodejs') // blocks the process for a second: not while the app waits for Okta
  const okta = sharedOkta ?? (await startLocalOkta({ signingKey: await signingKey, serviceAppKey }))
  const log: Record<string, unknown>[] = []
  const given: Record<string, string> = {
    ...environmentFor(okta),
    ...(typeof env === 'function' ? env(okta) : env),
  }
  if (given.BASE_URL) Object.assign(given, { PORT: String(await freePort()), HOST: '127.0.0.1' })
  let server: app.RunningServer
  let passedMs = 0
  const start = async (changes: Record<string, string>) => {
    const config = loadConfig({ ...given, ...changes })
    const destination = { write: (line: string) => void log.push(JSON.parse(line)) }
    const now = () => Date.now() + passedMs
    server = await startServer({ config, log: createLog(config, destination), now })
    okta.register(server.url)
  }
  await start({})
  const url = () => server.url
  async function ready() {
    const probe = new Visitor(url(), reach())
    while ((await probe.ask('/readyz')).status !== 200) await pause(20)
  }
  const reach = () => (given.BASE_URL ? `http://127.0.0.1:${given.PORT}` : server.url)

  return {
    okta,
    log,
    get url() {
      return url()
    },
    get reach() {
      return reach()
    },
    ready,
    visitor: () => new Visitor(url(), reach()),
    async signedIn(login = 'lion-o@thundera.example') {
      const visitor = new Visitor(url(), reach())
      await ready()
      const page = await visitor.signIn(login)
      if (page.status !== 200)
        throw new Error(`Signing in as ${login} ended with ${page.status} at ${page.url}`)
      return visitor
    },
    pass(seconds) {
      passedMs += seconds * 1000
    },
    async restart(changes = {}) {
      const { port } = new URL(reach())
      await server.close()
      await start({ PORT: port, ...changes })
    },
    async close() {
      await server.close()
      if (!sharedOkta) await okta.close()
    },
  }
}
