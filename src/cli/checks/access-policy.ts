/** Whether an access policy of the authorization server lets the app sign people in. */
import { OktaFailure } from '../../okta/failure.js'
import { customServerIn, isFor, letsSignIn, policiesPath } from '../access-policies.js'
import type { Json, OktaApi } from '../okta-api.js'
import { type Check, failed, ok } from './check.js'
import { cannotRead, unseen } from './management-api.js'

const PLACE =
  'Admin Console: Security > API > Authorization Servers > the server of OKTA_ISSUER > Access Policies'
const REMEDY = `${PLACE}: add a policy for all clients, with a rule. Or set OKTA_ISSUER to your Okta domain`

export const accessPolicy: Check = async ({ config, signInAnswer, api }, after) => {
  await after('discovery')
  const { oktaIssuer, oktaClientId } = config()
  const { problem } = await signInAnswer().catch(() => ({ problem: undefined })) // `redirect-uri` says how it failed
  if (problem === 'feature')
    throw new OktaFailure('feature-missing', 'Okta says that a feature is not enabled')
  if (problem === 'access-policy')
    return failed('No access policy lets this app sign people in', { remedy: REMEDY })
  const server = customServerIn(oktaIssuer)
  if (!server) return ok('The org’s own authorization server needs none')
  await after('api-credentials')
  const rules = await rulesFor(oktaClientId, policiesPath(server), await api()).catch(cannotRead)
  if (!Array.isArray(rules))
    return unseen('an access policy lets the app in', ` after npm run okta:setup. To look: ${PLACE}`)
  if (rules.some(letsSignIn)) return ok('An access policy lets this app sign people in')
  const message = 'No active access policy has a rule that lets this app sign people in'
  return failed(message, { remedy: REMEDY })
}

/** The rules of the active policies that are for this app. */
async function rulesFor(clientId: string, path: string, api: OktaApi): Promise<Json[]> {
  const policies = (await api.list(path)).filter((policy) => isFor(policy, clientId))
  const rules = policies.map(({ id }) => api.list(`${path}/${encodeURIComponent(String(id))}/rules`))
  return (await Promise.all(rules)).flat()
}
