/** The faults of the management API. The app never calls it, so docs/faults.md does not have them; README.md here does. */
import { brokenAnswers } from '../broken-answers.js'
import type { FaultEntry } from '../fault-list.js'
import type { Call } from './authorization.js'

const NO_SERVERS = 'management-no-api-access-management'
const writes = ({ isWrite }: Call) => isWrite

/** The calls that a fault concerns. One that is not named concerns every call. */
const CONCERNS: Record<string, (call: Call) => boolean> = {
  [NO_SERVERS]: ({ area }) => area === 'authorizationServers',
  'management-no-super-admin': ({ area }) => area === 'appGrants' || area === 'roles',
  'management-token-not-admin': writes,
  'management-validation': writes,
  'management-read-only': writes,
}

const withoutServers = brokenAnswers('discovery').find(({ name }) => name === 'discovery-feature-not-enabled')

export const MANAGEMENT_FAULTS: readonly FaultEntry[] = brokenAnswers('management').map((broken) => ({
  ...broken,
  group: 'management',
  perPerson: false,
  concerns: CONCERNS[broken.name] ?? (() => true),
  ...(broken.name === NO_SERVERS && {
    refusal: 'no-feature',
    inDiscovery: withoutServers?.answer ?? null,
  }),
}))
