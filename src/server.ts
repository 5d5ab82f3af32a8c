/** Builds every long-lived part of the app, listens, and closes the parts in order. Tests start the app here, too. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { RequestHandler } from 'express'
import { createApp } from './app.js'
import { type Config, withBaseUrl } from './config.js'
import type { Log } from './log.js'
import { createApiCredentials } from './okta/api-credentials.js'
import { createAuthorizationServer } from './okta/authorization-server.js'
import { createHealth } from './okta/health.js'
import { createOktaSessions } from './okta/okta-sessions.js'
import { createRevocationTokens } from './okta/revocation-token.js'
import { createSessions } from './sessions/sessions.js'
import { createSignIn } from './sign-in/sign-in.js'
import { createUniversalLogout } from './sign-in/universal-logout.js'
import { createLocalStores } from './stores.js'
import { createAccess } from './users/access.js'
import { createOktaUsers } from './users/okta-users.js'
import { createUserCache } from './users/user-cache.js'
import { createHttpServer } from './web/http-server.js'
import { createMetricsServer } from './web/metrics-server.js'
import { headersOf } from './web/security-headers.js'

export interface RunningServer {
  /** Where browsers reach the app: `BASE_URL`, or localhost and the port on which the app listens. */
  url: string
  /** Where the app listens, such as `127.0.0.1:3000`; `[::]` means all addresses. */
  address: string
  /**
   * Lets requests in flight finish, then frees the port; resolves within 10 s. A second call waits for the first.
   * @param lingerMs how long the server still takes new connections, until load balancers have noticed; 0 by default
   */
  close(lingerMs?: number): Promise<void>
}

/**
 * @param options.now milliseconds since the epoch; the app measures the age of Okta's answers by it
 * @param options.first a handler that gets each request before the app does; `npm run dev` has one
 * @throws {Error} of `listen`, e.g. with `code: 'EADDRINUSE'`
 */
export async function startServer(options: {
  config: Config
  log: Log
  now?: () => number
  first?: RequestHandler
}): Promise<RunningServer> {
  const { now = () => Date.now(), first } = options
  const isMeasured = options.config.metricsPort !== undefined
  const metrics = isMeasured ? (await import('./metrics.js')).createMetrics() : undefined
  const log = metrics?.hearing(options.log) ?? options.log
  const createStores = options.config.redisUrl
    ? (await import('./redis/shared-stores.js')).createSharedStores
    : createLocalStores
  const { server, serve, drain } = createHttpServer(log)
  metrics?.watch(server)
  server.listen(options.config.port, options.config.host)
  await once(server, 'listening')
  // There is no `await` from here to `serve`, so that no request arrives before the app exists.
  const { address, family, port } = server.address() as AddressInfo
  const config = withBaseUrl(options.config, port)

  // Every long-lived part. `close` below ends those that have a timer or a connection.
  const authorizationServer = createAuthorizationServer(config.oktaIssuer, log, now)
  const groupNames = new Set<string>() // `requireGroup` adds to them
  const apiCredentials = createApiCredentials(config, log, now, () => groupNames.size > 0)
  const oktaUsers = createOktaUsers(config.oktaOrgUrl, apiCredentials, groupNames)
  const stores = createStores({ config, log, now })
  const users = createUserCache(stores.shareUsers(metrics?.counting(oktaUsers) ?? oktaUsers, groupNames), {
    currentSeconds: config.userCacheSeconds,
    staleSeconds: config.userStaleSeconds,
    health: createHealth('Users API', log),
    load: oktaUsers.load,
    now,
  })
  const sessions = createSessions(config, stores.endedSessions, log, stores.now)
  const onDeparture = () => void oktaUsers.load().catch(() => undefined) // the SDK loads while the person is at Okta
  const signIn = createSignIn({
    config,
    authorizationServer,
    sessions,
    oktaSessions: createOktaSessions(config, log),
    rateLimit: stores.signInLimit,
    log,
    now: stores.now,
    onDeparture,
  })
  const revocationTokens = createRevocationTokens({ config, authorizationServer, log, now })
  const universalLogout = createUniversalLogout({
    config,
    tokens: revocationTokens,
    usedTokens: stores.usedTokens,
    endedSessions: stores.endedSessions,
    idsByEmail: oktaUsers.idsByEmail,
    log,
    now,
  })
  let closed: Promise<void> | undefined
  const missing = () => [
    ...(closed ? ['shutting down'] : []),
    ...authorizationServer.missing(),
    ...stores.reading(),
  ]
  const access = createAccess({ users, groupNames, sessions, challenge: signIn.challenge })
  serve(
    createApp({
      config,
      sessions,
      signIn,
      universalLogout,
      access,
      log,
      missing,
      degraded: stores.missing,
      ...(first && { first }),
    }),
    headersOf(config),
  )

  metrics?.read({ holdsBack: users.holdsBack, opened: sessions.opened, redis: stores.redis })
  const metricsServer = metrics && createMetricsServer(metrics, log)

  const close = (lingerMs = 0) => {
    closed ??= drain(lingerMs).then(async () => {
      for (const part of [authorizationServer, revocationTokens, users, apiCredentials, metricsServer])
        part?.close()
      await stores.close()
    })
    return closed
  }
  try {
    await metricsServer?.listen(config)
  } catch (error) {
    await close()
    throw error
  }
  const listensAt = `${family === 'IPv6' ? `[${address}]` : address}:${port}`
  return { url: config.baseUrl, address: listensAt, close }
}
