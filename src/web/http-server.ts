/** Node's HTTP server with limits for slow sockets, and with the app's headers on the answers that Node gives itself. */
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Express } from 'express'
import type { Log } from '../log.js'
import { drainable } from './drain.js'

/** Node passes on requests without a host, and those with two, which it joins with a comma. The app refuses both. */
const HOSTS = { requireHostHeader: false, joinDuplicateHeaders: true }

/** Within 12 s Node closes a socket that sends its headers byte by byte. By default Node looks only every 30 s. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 }

/** A client that does not close its half of a refused connection loses the connection after this time. */
const CLOSE_MS = 1000

export function createHttpServer(log: Log) {
  let isLast = false
  class Request extends IncomingMessage {}
  class Response extends ServerResponse<Request> {
    /** Node calls this for every answer, at the last moment at which a header can be set. */
    override writeHead(status: number, ...rest: unknown[]): this {
      if (isLast) this.setHeader('Connection', 'close')
      return super.writeHead(status, ...(rest as []))
    }
  }
  const server = createServer({ ...LIMITS, ...HOSTS, IncomingMessage: Request, ServerResponse: Response })

  return {
    server,
    /**
     * To be called once, before the first request can come.
     * @param headers the headers of answers that the app does not give
     */
    serve(app: Express, headers: Iterable<[string, string]>): void {
      // Express sets these prototypes on each request and response. Here they have them from the start, so that nothing
      // changes. On Node 20 the change costs more than the rest of a page, most of it in the garbage collector.
      app.request = Object.setPrototypeOf(Request.prototype, app.request)
      app.response = Object.setPrototypeOf(Response.prototype, app.response)
      server.on('request', (req, res) =>
        app(req as never, res as never, (error?: unknown) => {
          if (error && !res.headersSent) log.error({ err: error }, 'the error page cannot be made')
          refuseUnanswered(req, res, headers, error ? 500 : 400)
        }),
      )
      // Without this, Node itself would answer a request whose `Expect` header it does not know.
      server.on('checkExpectation', (req, res) => server.emit('request', req, res))
      server.on('clientError', (error, socket) => refuseMalformed(error, socket, headers))
    },
    drain: drainable(server, () => {
      isLast = true
    }),
  }
}

/** Answers if Express finds no path in the request (400), as in `GET http://[/ HTTP/1.1`, or no error page can be made (500). */
function refuseUnanswered(
  req: IncomingMessage,
  res: ServerResponse,
  headers: Iterable<[string, string]>,
  status: 400 | 500,
): void {
  if (res.headersSent) return void req.socket.destroy()
  for (const [name, value] of headers) res.setHeader(name, value)
  res.writeHead(status, { Connection: 'close', 'Content-Length': '0' }).end()
}

/** Answers a request that Node cannot parse. Such a request never reaches the app. */
function refuseMalformed(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  headers: Iterable<[string, string]>,
): void {
  // Node leaves the answer in flight here: a second head must not land in the middle of its body.
  const { _httpMessage: inFlight } = socket as { _httpMessage?: ServerResponse }
  if (!socket.writable || inFlight?.headersSent) return void socket.destroy()
  const statuses: Record<string, string> = {
    HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
    ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  }
  const head = [
    `HTTP/1.1 ${statuses[error.code ?? ''] ?? '400 Bad Request'}`,
    ...Array.from(headers, ([name, value]) => `${name}: ${value}`),
    'Connection: close',
    'Content-Length: 0',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n`)
  setTimeout(() => socket.destroy(), CLOSE_MS).unref()
}
