/** Runs the local Okta as a process of its own. What its libraries print does not reach the developer's terminal. */
import { startLocalOkta } from './server.js'

const okta = await startLocalOkta({ port: Number(process.env.LOCAL_OKTA_PORT ?? 0) }).catch((error) => {
  if (error.code !== 'EADDRINUSE') throw error
  return startLocalOkta() // another program was faster
})
okta.register(process.env.BASE_URL ?? '')
const { orgUrl, issuer, clientId, clientSecret, apiToken, people } = okta
process.send?.({ orgUrl, issuer, clientId, clientSecret, apiToken, people })
process.once('disconnect', () => process.exit(0)) // the parent process has ended
