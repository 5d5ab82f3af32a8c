/** Composition root: builds the parts, listens, and closes them in order. Dev, tests and production all start here. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createApp } from './app.js'
import type { AppConfig, Config } from './config.js'
import type { Log } from './log.js'
import { createIssuer } from './okta/authorization-server.js'
import { createDependency } from './okta/health.js'
import { createOktaDirectory } from './users/okta-users.js'
import { createUserCache } from './users/user-cache.js'
import { drainable } from './web/drain.js'
import { expressMessages } from './web/express-messages.js'

export interface RunningServer {
  /** Where browsers reach the app: `BASE_URL`, or localhost and the port it got. */
  url: string
  /**
   * Lets requests in flight finish, then frees the port; resolves within 10 s.
   * @param lingerMs how long new connections are still taken, for load balancers that have yet to notice
   */
  close(lingerMs?: number): Promise<void>
}

export interface ServerParts {
  config: Config
  log: Log
  /** Milliseconds since the epoch, for what is remembered of Okta. */
  now?: () => number
}

/** A socket that sends its headers drop by drop is closed within 12 s; Node alone would look every 30 s only. */
const SOCKET_LIMITS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 }

/**
 * @throws {Error} of `listen`, e.g. with `code: 'EADDRINUSE'`
 */
export async function startServer({
  config,
  log,
  now = () => Date.now(),
}: ServerParts): Promise<RunningServer> {
  const messages = expressMessages()
  const server = createServer({ ...SOCKET_LIMITS, ...messages.classes })
  server.listen(config.port, config.host)
  await once(server, 'listening')
  // From here to the first handler nothing waits, so that no request comes before the app is there.
  const { port } = server.address() as AddressInfo
  const appConfig: AppConfig = { ...config, baseUrl: config.baseUrl ?? `http://localhost:${port}` }
  let closing = false
  const okta = createOktaDirectory(config.okta)
  const users = createUserCache(okta, {
    currentSeconds: config.userCacheSeconds,
    staleSeconds: config.userStaleSeconds,
    dependency: createDependency('Users API', log),
    now,
  })
  const issuer = createIssuer(config.okta.issuer, log, now)
  const missing = () => [...(closing ? ['shutting down'] : []), ...issuer.missing()]
  const drain = drainable(server, messages.endConnections)
  const app = createApp({ config: appConfig, issuer, users, warmUpUsers: okta.warmUp, log, missing })
  messages.belongTo(app)
  server.on('request', app)
  // An `Expect` that we do not know is no reason to answer past the app.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res))
  server.on('clientError', refuseMalformed)

  return {
    url: appConfig.baseUrl,
    async close(lingerMs = 0) {
      closing = true
      await drain(lingerMs)
      for (const part of [issuer, users, okta]) part.close()
    },
  }
}

/** What Node cannot parse never reaches the app; its answer is as closed as the app's own. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy()
  const statuses: Record<string, string> = {
    HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
    ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  }
  const head = [
    `HTTP/1.1 ${statuses[error.code ?? ''] ?? '400 Bad Request'}`,
    'Connection: close',
    'Cache-Control: no-store',
    "Content-Security-Policy: default-src 'none';frame-ancestors 'none'",
    'X-Content-Type-Options: nosniff',
    'Content-Length: 0',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n`)
}
