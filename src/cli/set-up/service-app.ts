/** The step for the service app: with it the app reads users and their groups, and needs no administrator's API token. */
import { GROUPS_SCOPE, SCOPE } from '../../okta/access-tokens.js'
import { type OktaApi, OktaRefusal } from '../okta-api.js'
import { type App, keyPairOf, serviceApp, serviceAppInLine } from './apps.js'
import { bringIntoLine, removeApp } from './bring-into-line.js'
import type { Changes } from './env-file.js'
import { type Report, SetUpProblem, type Wishes } from './step.js'

const SCOPES = [SCOPE, GROUPS_SCOPE]

/** Roles with which a service app may read users and groups. */
const ROLES = ['READ_ONLY_ADMIN', 'SUPER_ADMIN', 'ORG_ADMIN']

/** @returns the client ID and the private key, as settings */
export async function bringServiceAppIntoLine(
  api: OktaApi,
  { orgUrl, label, settings }: Wishes,
  known: App | undefined,
  report: Report,
): Promise<Changes> {
  const key = keyPairOf(settings.OKTA_API_PRIVATE_KEY)
  const fresh = serviceApp(`${label} API`, key)
  const inLine = (one: App) => serviceAppInLine(one, key)
  const { app, action, detail } = await bringIntoLine(api, known, fresh, inLine, settings.OKTA_API_CLIENT_ID)
  const clientId = String(app.credentials.oauthClient.client_id)
  const isGranted = await giveRights(app, clientId).catch(async (error) => {
    if (!(error instanceof OktaRefusal) || error.code !== 'E0000006') throw error
    if (!known) await removeApp(api, app) // an app without rights would be of no use
    throw new SetUpProblem(
      'not-super-admin',
      'Only a super administrator may give a service app its rights. The app itself is set up',
      'Run it again with a super administrator’s token. Or keep the API token: add --api-token-only --keep-token',
    )
  })
  const onlyRightsChanged = action === 'unchanged' && !isGranted
  report({ step: 'service-app', action: onlyRightsChanged ? 'updated' : action, id: app.id, detail })
  return { OKTA_API_CLIENT_ID: clientId, OKTA_API_PRIVATE_KEY: key.setting, OKTA_AUTH_TOKEN: undefined }

  /** @returns whether the service app had all its rights already */
  async function giveRights({ id }: App, clientId: string): Promise<boolean> {
    const [grants, roles] = [`/api/v1/apps/${id}/grants`, `/oauth2/v1/clients/${clientId}/roles`]
    const granted = known ? await api.list(grants) : []
    const missing = SCOPES.filter((scope) => !granted.some(({ scopeId }) => scopeId === scope))
    for (const scopeId of missing) await api.post(grants, { scopeId, issuer: orgUrl })
    const hasRole = known && (await api.list(roles)).some(({ type }) => ROLES.includes(String(type)))
    if (!hasRole) await api.post(roles, { type: 'READ_ONLY_ADMIN' })
    return missing.length === 0 && hasRole === true
  }
}
