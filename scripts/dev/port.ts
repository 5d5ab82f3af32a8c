/** The ports of `npm run dev`. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Config } from '../../src/config.js'
import { isLoopback } from '../../src/setting-values.js'

/** The local Okta takes this port if it is free, so that its issuer is the same in each run. */
const LOCAL_OKTA_PORT = 3999
const FIRST = 3000
const LAST = 3099

/**
 * The app's port: PORT if it is given, else the port that a loopback BASE_URL names, else the port that the app had, else
 * 3000. If 3000 is taken, the next free one; but with the developer's own org it is an error, since 3000 is registered.
 * @param is.given whether PORT is given
 * @param is.ownOrg whether the settings name an org
 * @param had the port of the app before this restart; none if the app used the local Okta, and now an org
 */
export async function appPort(
  config: Config,
  is: { given: boolean; ownOrg: boolean },
  had: string | undefined,
): Promise<string> {
  if (is.given && config.port !== 0) return String(config.port)
  const { hostname, port } = new URL(config.baseUrl ?? 'http://localhost')
  if (isLoopback(hostname) && port !== '') return port
  if (had !== undefined && !is.given) return had
  if (is.ownOrg && config.baseUrl === undefined && !(await isFree(FIRST))) throw new Error(TAKEN)
  if (is.ownOrg) return String(FIRST)
  for (let candidate = FIRST; candidate <= LAST; candidate++) {
    if (await isFree(candidate)) return String(candidate)
  }
  throw new Error(`No port between ${FIRST} and ${LAST} is free. Set PORT.`)
}

const TAKEN = `Port ${FIRST} is taken by another program. The redirect URI that is registered at Okta is for port ${FIRST}:
  http://localhost:${FIRST}/callback
End the other program. Or set PORT, and register the redirect URIs with that port at Okta.`

/** 0, which means any free port, if the usual one is taken or is the app's. */
export async function localOktaPort(portOfApp: number): Promise<string> {
  const isUsual = portOfApp !== LOCAL_OKTA_PORT && (await isFree(LOCAL_OKTA_PORT))
  return isUsual ? String(LOCAL_OKTA_PORT) : '0'
}

/** Whether nothing listens there on this machine's own addresses. `localhost` means either of them. */
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '::1'))
}

async function canListen(port: number, host: string): Promise<boolean> {
  const probe = createServer().listen(port, host)
  try {
    await once(probe, 'listening')
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EADDRINUSE' // without IPv6 on this machine nothing listens there
  } finally {
    probe.close()
  }
}
