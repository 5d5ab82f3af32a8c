/** Creates an app, changes in it what is missing, and takes an app out of the org. */
import { isDeepStrictEqual } from 'node:util'
import { OktaFailure } from '../../okta/failure.js'
import type { Json, OktaApi } from '../okta-api.js'
import type { App } from './apps.js'

/**
 * @param known the app, if the org has it
 * @param fresh the app as a new one
 * @param inLine makes of an app that the org has one with all that is needed
 * @param clientId of the app, as the settings have it
 */
export async function bringIntoLine(
  api: OktaApi,
  known: App | undefined,
  fresh: Json,
  inLine: (app: App) => App,
  clientId: string | undefined,
): Promise<{ app: App; action: 'created' | 'updated' | 'unchanged'; detail: string }> {
  if (!known) {
    const app = asApp(await api.post('/api/v1/apps?activate=true', fresh))
    return { app, action: 'created', detail: app.label }
  }
  const wanted = inLine(known)
  const [isRight, isActive] = [isDeepStrictEqual(wanted, known), known.status === 'ACTIVE']
  if (!isRight) await api.put(`/api/v1/apps/${known.id}`, wanted)
  if (!isActive) await api.post(`/api/v1/apps/${known.id}/lifecycle/activate`)
  const action = isRight && isActive ? 'unchanged' : 'updated'
  const isNamed = known.credentials.oauthClient.client_id === clientId
  // Only its label has led to another app. The developer should hear that the app was there.
  const found = `: found an app of this name${action === 'updated' ? ', and brings it into line' : ''}`
  return { app: known, action, detail: known.label + (isNamed ? '' : found) }
}

/** Okta deletes no active app. */
export async function removeApp(api: OktaApi, { id, status }: App): Promise<void> {
  if (status === 'ACTIVE') await api.post(`/api/v1/apps/${id}/lifecycle/deactivate`)
  await api.delete(`/api/v1/apps/${id}`)
}

/** @throws {OktaFailure} the answer is no app of OpenID Connect */
export function asApp(answer: Json): App {
  const { id, credentials, settings } = answer as Partial<App>
  const hasParts = credentials?.oauthClient instanceof Object && settings?.oauthClient instanceof Object
  if (typeof id === 'string' && hasParts) return answer as App
  throw new OktaFailure('bad-answer', 'Okta answered with something that is not an app')
}
