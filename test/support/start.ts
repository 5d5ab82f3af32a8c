/** The app as `npm start` starts it, on a port of its own. */
import type { LocalOkta } from '../../local-okta/server.js'
import { environmentFor } from './lair.js'
import { freePort, run } from './process.js'

/**
 * Resolves when the app listens.
 * @param changes settings other than those for `okta`
 */
export async function start(
  okta: LocalOkta,
  changes: Record<string, string> = {},
  [name = '', ...args]: string[] = ['npm', 'start'],
) {
  const port = await freePort()
  const app = run(name, args, { ...environmentFor(okta), PORT: String(port), ...changes })
  await app.prints(/"msg":"listening"/)
  return { app, port, url: `http://localhost:${port}` }
}
