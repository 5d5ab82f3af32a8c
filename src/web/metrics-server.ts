/** The server for /metrics. It has a port of its own, so that no browser that reaches the app can reach it. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { Config } from '../config.js'
import type { Log } from '../log.js'

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** A client that is slower than this loses its connection. Node looks for such clients every 2 s. */
const LIMITS = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 2_000 }

/** @param page what `GET /metrics` answers */
export function createMetricsServer(page: { contentType: string; text: () => Promise<string> }, log: Log) {
  const server = createServer(LIMITS, async (req, res) => {
    for (const [name, value] of Object.entries(HEADERS)) res.setHeader(name, value)
    if (req.method !== 'GET' || req.url !== '/metrics')
      return answer(res, 404, 'Only GET /metrics is here.\n')
    try {
      answer(res, 200, await page.text(), page.contentType)
    } catch (error) {
      log.error({ err: error }, 'the metrics cannot be read')
      answer(res, 500, 'The log says why there are no metrics.\n')
    }
  })
  server.on('clientError', (_error, socket) => socket.destroy())

  return {
    /** @throws {Error} of `listen`, e.g. with `code: 'EADDRINUSE'`. Its `prefix` is that of the settings to change */
    async listen({ metricsPort, metricsHost }: Pick<Config, 'metricsPort' | 'metricsHost'>): Promise<void> {
      server.listen(metricsPort, metricsHost)
      await once(server, 'listening').catch((error) => {
        throw Object.assign(error, { prefix: 'METRICS_' })
      })
      // Without a listener, an error that comes later, such as too many open files, would end the process.
      server.on('error', (error) => log.warn({ err: error }, 'the metrics server cannot take a connection'))
    },
    close(): void {
      server.close()
      server.closeAllConnections()
    },
  }
}

function answer(res: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) }).end(text)
}
