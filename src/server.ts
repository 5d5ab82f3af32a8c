/** Composition root: builds the parts, listens, and closes them in order. Dev, tests and production all start here. */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { createApp } from './app.js'
import { createIssuer } from './auth/issuer.js'
import type { AppConfig, Config } from './config.js'
import { createDependency } from './dependency.js'
import type { Log } from './log.js'
import { createUserCache } from './users/cached.js'
import { createOktaDirectory } from './users/okta.js'

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

/** How long requests in flight have after a close began: a second less than the 10 s after which the process is gone. */
const DRAIN_MS = 9_000

/** A request may be begun, on a new connection or a kept one, just before the listener closes, and arrive just after. */
const ON_ITS_WAY_MS = 500

/**
 * @throws {Error} of `listen`, e.g. with `code: 'EADDRINUSE'`
 */
export async function startServer({
  config,
  log,
  now = () => Date.now(),
}: ServerParts): Promise<RunningServer> {
  const server = createServer(SOCKET_LIMITS)
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
  const drain = drainable(server)
  server.on(
    'request',
    createApp({ config: appConfig, issuer, users, prepareUsers: okta.warmUp, log, missing }),
  )
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

/** Prepares a server to be closed without cutting anybody off. */
function drainable(server: Server): (lingerMs: number) => Promise<void> {
  /** Each connection with its latest response. (A set of those in flight would cost more than the rest of a page.) */
  const connections = new Map<Socket, ServerResponse | undefined>()
  let accepted = 0
  let draining = false
  const closeAfter = (res: ServerResponse | undefined) => {
    if (res && !res.headersSent) res.setHeader('Connection', 'close')
  }
  server.on('connection', (socket) => {
    accepted++
    connections.set(socket, undefined)
    socket.once('close', () => connections.delete(socket))
  })
  server.on('request', (req, res) => {
    connections.set(req.socket, res)
    if (draining) closeAfter(res)
  })

  return async function drain(lingerMs) {
    draining = true
    const closed = once(server, 'close')
    const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    for (const res of connections.values()) closeAfter(res)
    await pause(lingerMs)
    await queueTaken(Math.min(lingerMs, ON_ITS_WAY_MS))
    NetServer.prototype.close.call(server) // http's own close would also cut idle connections, at once
    await Promise.race([closed, pause(Math.min(lingerMs, ON_ITS_WAY_MS))])
    server.close()
    // Opened ahead and never used, as browsers and health checks do: Node does not count these as idle.
    for (const socket of connections.keys()) if (socket.bytesRead === 0) socket.destroy()
    await closed
    clearTimeout(deadline)
  }

  /** Connections that wait in the kernel's queue would be reset; Node takes one of them a turn. */
  async function queueTaken(atMostMs: number): Promise<void> {
    const until = performance.now() + atMostMs
    for (let known = -1; known < accepted && performance.now() < until; await nextTurn()) known = accepted
  }
}
