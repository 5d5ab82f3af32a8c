/**
 * Sets an Okta org up for this app. Each step looks first, and changes only what is missing. So a second run changes
 * nothing, and a run after one that was killed completes it.
 */

import { clientsOf } from '../access-policies.js'
import type { Json, OktaApi } from '../okta-api.js'
import { allowClient, policiesOf } from './access-policy.js'
import type { App } from './apps.js'
import { asApp, removeApp } from './bring-into-line.js'
import type { Changes } from './env-file.js'
import { bringServiceAppIntoLine } from './service-app.js'
import { type Report, SetUpProblem, type Wishes } from './step.js'
import { bringWebAppIntoLine } from './web-app.js'

/**
 * @param report is called after each step
 * @returns the settings with which the app can use the org; and `problem`, if the app can, but without a service app
 * @throws {OktaRefusal} Okta refuses a call
 * @throws {OktaFailure} Okta does not answer as it should
 * @throws {SetUpProblem} the org or the settings are not as they must be
 */
export async function setUp(
  api: OktaApi,
  wishes: Wishes,
  report: Report,
): Promise<{ changes: Changes; problem?: SetUpProblem }> {
  const group = await groupNamed(api, wishes.group)
  const { web, service } = await appsOf(api, wishes)
  const client = await bringWebAppIntoLine(api, wishes, web, group, report)
  const issuer = await allowClient(api, wishes, client.OKTA_CLIENT_ID, group, report)
  const changes = { OKTA_ORG_URL: wishes.orgUrl, ...client, ...issuer }
  if (!wishes.withServiceApp) return { changes }
  try {
    return { changes: { ...changes, ...(await bringServiceAppIntoLine(api, wishes, service, report)) } }
  } catch (problem) {
    if (problem instanceof SetUpProblem) return { changes, problem }
    throw problem
  }
}

/** Takes out of the org what `setUp` has put there. @returns the settings that the app no longer needs */
export async function undo(api: OktaApi, wishes: Wishes, report: Report): Promise<Changes> {
  const { OKTA_CLIENT_ID: clientId, OKTA_API_CLIENT_ID: serviceId } = wishes.settings
  const found = await appsOf(api, wishes)
  // Only what the settings file names: an app of the same label may be somebody else's.
  const isOurs = (app: App | undefined, id: string | undefined, label: string) =>
    id !== undefined && app?.credentials.oauthClient.client_id === id && app.label === label
  const web = isOurs(found.web, clientId, wishes.label) ? found.web : undefined
  const service = isOurs(found.service, serviceId, `${wishes.label} API`) ? found.service : undefined
  const { path, policies = [] } = (await policiesOf(api, wishes.settings.OKTA_ISSUER)) ?? {}
  const isForUsAlone = (policy: Json) => String(clientsOf(policy)) === clientId
  for (const policy of policies.filter((one) => one.name === wishes.label && isForUsAlone(one))) {
    await api.delete(`${path}/${policy.id}`)
    report({ step: 'access-policy', action: 'removed', id: String(policy.id) })
  }
  const changes: Changes = {}
  for (const [step, app, names] of [
    ['app', web, ['OKTA_CLIENT_ID', 'OKTA_CLIENT_SECRET', 'OKTA_ORG_URL', 'OKTA_ISSUER']],
    ['service-app', service, ['OKTA_API_CLIENT_ID', 'OKTA_API_PRIVATE_KEY']],
  ] as const) {
    if (!app) continue
    await removeApp(api, app)
    report({ step, action: 'removed', id: app.id, detail: app.label })
    for (const name of names) changes[name] = undefined
  }
  if (!web && !service) {
    const detail = `the settings name no app "${wishes.label}" of this org`
    report({ step: 'app', action: 'skipped', detail })
  }
  return changes
}

/** Okta looks for names that begin so; here the name must be the same. */
async function groupNamed(api: OktaApi, name: string): Promise<Json> {
  const groups = await api.list(`/api/v1/groups?q=${encodeURIComponent(name)}`)
  const same = groups.filter(({ profile }) => (profile as Json | undefined)?.name === name)
  const group = same.find(({ type }) => type === 'BUILT_IN') ?? same[0]
  if (group) return group
  const remedy = 'Admin Console: Directory > Groups. Create it, or name another one with --group'
  throw new SetUpProblem('no-such-group', `The org has no group "${name}"`, remedy)
}

/** Both apps: by the client ID in the settings, else by the label. */
async function appsOf(api: OktaApi, { label, settings }: Wishes): Promise<{ web?: App; service?: App }> {
  const labelled = (await api.list(`/api/v1/apps?q=${encodeURIComponent(label)}&limit=50`)) as App[]
  const find = async (clientId: string | undefined, wanted: string, type: string) => {
    const isIt = ({ credentials }: App) =>
      clientId !== undefined && credentials?.oauthClient?.client_id === clientId
    const known = labelled.find(isIt) ?? (clientId ? await api.find(`/api/v1/apps/${clientId}`) : undefined)
    const app = (known as App | undefined) ?? labelled.find((candidate) => candidate.label === wanted)
    if (!app) return undefined
    if (app.settings?.oauthClient?.application_type === type) return asApp(app)
    const message = `The app "${app.label}" in Okta is not of the type that is needed (OpenID Connect, ${type})`
    throw new SetUpProblem(
      'other-kind-of-app',
      message,
      'Give it another label in Okta, or name another one with --label',
    )
  }
  const web = await find(settings.OKTA_CLIENT_ID, label, 'web')
  const service = await find(settings.OKTA_API_CLIENT_ID, `${label} API`, 'service')
  return { ...(web && { web }), ...(service && { service }) }
}
