/** Runs the local Okta as a process of its own. What its libraries print does not reach the developer's terminal. */
import { startLocalOkta } from './server.js'

const okta = await startLocalOkta()
okta.register(process.env.BASE_URL ?? '')
const { orgUrl, issuer, clientId, clientSecret, apiToken, people } = okta
process.send?.({ orgUrl, issuer, clientId, clientSecret, apiToken, people })
process.once('disconnect', () => process.exit(0)) // the parent process has ended
