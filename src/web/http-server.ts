/** Node's HTTP server as the app wants it: no socket stays open for ever, and Node's own answers have all our headers. */
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Express } from 'express'
import { drainable } from './drain.js'

/** The app refuses requests without a host itself, as it does those with two, which Node joins with a comma. */
const HOSTS = { requireHostHeader: false, joinDuplicateHeaders: true }

/** Within 12 s Node closes a socket that sends its headers byte by byte. By default Node looks only every 30 s. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 }

export function createHttpServer() {
  let isLast = false
  class Request extends IncomingMessage {}
  class Response extends ServerResponse<Request> {
    /** Every answer comes through here, at the last moment at which it can have a header. */
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
     * @param headers of the answers that Node gives without the app
     */
    serve(app: Express, headers: Iterable<[string, string]>): void {
      // Express gives each request and response these prototypes when it comes. If they have them from the start, Node 20
      // need not change them, which would cost more than the rest of a page, most of it in the garbage collector.
      app.request = Object.setPrototypeOf(Request.prototype, app.request)
      app.response = Object.setPrototypeOf(Response.prototype, app.response)
      server.on('request', (req, res) =>
        app(req as never, res as never, () => refuseUnrouted(req, res, headers)),
      )
      // Node would answer an `Expect` header that it does not know by itself, without the app.
      server.on('checkExpectation', (req, res) => server.emit('request', req, res))
      server.on('clientError', (error, socket) => refuseMalformed(error, socket, headers))
    },
    drain: drainable(server, () => {
      isLast = true
    }),
  }
}

/** A request that Express finds no path in, as in `GET http://[/ HTTP/1.1`, and an error page that cannot be rendered. */
function refuseUnrouted(
  req: IncomingMessage,
  res: ServerResponse,
  headers: Iterable<[string, string]>,
): void {
  if (res.headersSent) return void req.socket.destroy()
  for (const [name, value] of headers) res.setHeader(name, value)
  res.writeHead(400, { Connection: 'close', 'Content-Length': '0' }).end()
}

/** A request that Node cannot parse never reaches the app. */
function refuseMalformed(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  headers: Iterable<[string, string]>,
): void {
  if (!socket.writable) return void socket.destroy()
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
}
