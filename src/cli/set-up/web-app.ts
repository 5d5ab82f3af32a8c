/** The step for the app integration that signs people in, and for the group that may use it. */
import { OktaFailure } from '../../okta/failure.js'
import { type Json, type OktaApi, PLANNED } from '../okta-api.js'
import { type App, webApp, webAppInLine } from './apps.js'
import { bringIntoLine } from './bring-into-line.js'
import { type Report, SetUpProblem, type Wishes } from './step.js'

/** @returns the client ID and the client secret, as settings */
export async function bringWebAppIntoLine(
  api: OktaApi,
  { baseUrl, label, group: groupName, settings }: Wishes,
  known: App | undefined,
  group: Json,
  report: Report,
): Promise<{ OKTA_CLIENT_ID: string; OKTA_CLIENT_SECRET: string }> {
  const fresh = webApp(label, baseUrl)
  const inLine = (one: App) => webAppInLine(one, baseUrl)
  const { app, action, detail } = await bringIntoLine(api, known, fresh, inLine, settings.OKTA_CLIENT_ID)
  report({ step: 'app', action, id: app.id, detail })

  const groups = known ? await api.list(`/api/v1/apps/${app.id}/groups`) : []
  const isAssigned = groups.some(({ id }) => id === group.id)
  if (!isAssigned) await api.put(`/api/v1/apps/${app.id}/groups/${group.id}`)
  report({
    step: 'group',
    action: isAssigned ? 'unchanged' : 'created',
    id: String(group.id),
    detail: groupName,
  })

  if (app.id === PLANNED) return { OKTA_CLIENT_ID: PLANNED, OKTA_CLIENT_SECRET: PLANNED } // a dry run
  const { client_id: id, client_secret: secret } = app.credentials.oauthClient
  // Okta shows the secret with the answer to the call that creates the app. Later it is to be asked for.
  const secrets = known ? await api.list(`/api/v1/apps/${app.id}/credentials/secrets`) : []
  const active = secrets.find(({ status }) => status === 'ACTIVE')
  if (known && !active) {
    const remedy = 'Admin Console: Applications > the app > General > Client Credentials: generate a secret'
    throw new SetUpProblem('no-secret', `The app "${app.label}" has no active client secret`, remedy)
  }
  return { OKTA_CLIENT_ID: textOf(id), OKTA_CLIENT_SECRET: textOf(active?.client_secret ?? secret) }
}

/** A value of Okta's for the settings file. A line break in it would make another setting. */
function textOf(value: unknown): string {
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) return value
  throw new OktaFailure('bad-answer', 'Okta answered with a client ID or a client secret that cannot be one')
}
