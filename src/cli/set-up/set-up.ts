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
  const { label, settings, withServiceApp } = wishes
  const web = await appFor(api, settings, label, 'web')
  const service = withServiceApp ? await appFor(api, settings, `${label} API`, 'service') : undefined
  const client = await bringWebAppIntoLine(api, wishes, web, group, report)
  const issuer = await allowClient(api, wishes, client.OKTA_CLIENT_ID, group, report)
  const changes = { OKTA_ORG_URL: wishes.orgUrl, ...client, ...issuer }
  if (!withServiceApp) return { changes }
  try {
    return { changes: { ...changes, ...(await bringServiceAppIntoLine(api, wishes, service, report)) } }
  } catch (problem) {
    if (problem instanceof SetUpProblem) return { changes, problem }
    throw problem
  }
}

/** Takes out of the org what `setUp` has put there. @returns the settings that the app no longer needs */
export async function undo(api: OktaApi, wishes: Wishes, report: Report): Promise<Changes> {
  const clientId = wishes.settings.OKTA_CLIENT_ID
  // Only what the settings file names: an app of the same label may be somebody else's.
  const ours = async (label: string, type: 'web' | 'service') => {
    const app = await appNamedIn(api, wishes.settings, type)
    return app?.label === label ? app : undefined
  }
  const web = await ours(wishes.label, 'web')
  const service = await ours(`${wishes.label} API`, 'service')
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

/** The settings that name the two apps, by the type that each app has in Okta. */
const CLIENT_ID = { web: 'OKTA_CLIENT_ID', service: 'OKTA_API_CLIENT_ID' } as const

type Settings = Wishes['settings']

/** The app that the settings name, else the one app of the org with exactly this label. */
async function appFor(api: OktaApi, settings: Settings, label: string, type: keyof typeof CLIENT_ID) {
  const named = await appNamedIn(api, settings, type)
  if (named) return named
  const similar = await api.list(`/api/v1/apps?q=${encodeURIComponent(label)}&limit=50`)
  const [app, ...others] = similar.filter((one) => one.label === label)
  if (others.length === 0) return app && ofType(app, type)
  throw new SetUpProblem(
    'several-apps',
    `The org has ${others.length + 1} apps with the label "${label}"`,
    `Set ${CLIENT_ID[type]} in the settings file to the client ID of the one that is meant, or name another label with --label`,
  )
}

/** In Okta, the id of an app integration is its client ID. */
async function appNamedIn(api: OktaApi, settings: Settings, type: keyof typeof CLIENT_ID) {
  const clientId = settings[CLIENT_ID[type]]
  const app = clientId && (await api.find(`/api/v1/apps/${encodeURIComponent(clientId)}`))
  return app ? ofType(app, type) : undefined
}

function ofType(app: Json, type: string): App {
  if (Object(Object(app.settings).oauthClient).application_type === type) return asApp(app)
  throw new SetUpProblem(
    'other-kind-of-app',
    `The app "${app.label}" in Okta is not of the type that is needed (OpenID Connect, ${type})`,
    'Give it another label in Okta, or name another one with --label',
  )
}
