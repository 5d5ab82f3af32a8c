/** The life of the process: settings, server, a signal, the exit code. */
import './forget-debug.js' // first: before any library is imported
import { ConfigError, loadConfig } from './config.js'
import { readEnvironment } from './environment.js'
import { createLog } from './log.js'
import { startServer } from './server.js'

/** After SIGTERM, load balancers need a moment to notice; somebody who pressed Ctrl-C does not want to wait. */
const LINGER_MS = { SIGTERM: 1000, SIGINT: 0 }

async function main(): Promise<void> {
  const signal = nextSignal()
  const config = loadConfig(readEnvironment())
  const log = createLog(config)
  const server = await startServer({ config, log })
  log.info(
    { url: server.url, redirectUri: `${server.url}/callback`, signOutUri: `${server.url}/` },
    'listening',
  )

  const name = await signal
  log.info({ signal: name }, 'closing')
  await server.close(LINGER_MS[name])
}

/** Resolves with the first signal. Later ones change nothing: the handlers stay, and the drain goes on. */
function nextSignal(): Promise<keyof typeof LINGER_MS> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve)
    process.on('SIGINT', resolve)
  })
}

/** One plain message for whoever started the app; a stack only where it is not their doing. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string }
  if (code === 'EADDRINUSE') return `Port ${port} is already in use. Stop what runs there or set PORT.`
  if (code === 'EACCES') return `Port ${port} may not be used by this account. Set PORT to 1024 or more.`
  if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine. Mend HOST.`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

try {
  await main()
  process.exit(0)
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(1)
}
