/** Runs the local Okta in a process of its own, so that what its libraries print stays out of the developer's terminal. */
import { startLocalOkta } from './server.js'

const okta = await startLocalOkta()
okta.register(process.env.BASE_URL ?? '')
const { orgUrl, issuer, clientId, clientSecret, apiToken, people } = okta
process.send?.({ orgUrl, issuer, clientId, clientSecret, apiToken, people })
process.once('disconnect', () => process.exit(0)) // the process that started this one is gone
