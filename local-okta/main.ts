/** Runs the local Okta as a process of its own. What its libraries print does not reach the developer's terminal. */
import { restartApp } from './restart-app.js'
import { startLocalOkta } from './server.js'

const port = Number(process.env.LOCAL_OKTA_PORT ?? 0)
const okta = await startLocalOkta({ port, restartApp }).catch((error) => {
  if (error.code !== 'EADDRINUSE') throw error
  return startLocalOkta({ restartApp }) // another program was faster
})
okta.register(process.env.BASE_URL ?? '')
const { orgUrl, issuer, clientId, clientSecret, apiToken, people } = okta
process.send?.({ orgUrl, issuer, clientId, clientSecret, apiToken, people })
process.once('disconnect', () => process.exit(0)) // the parent process has ended
