/** Creates an app, changes in it what is missing, and takes an app out of the org. */
import { isDeepStrictEqual } from 'node:util'
import { OktaFailure } from '../../okta/failure.js'
import type { Json, OktaApi } from '../okta-api.js'
import type { App } from './apps.js'

/**
 * @param known the app, if the org has it
 * @param fresh the app as a new one
 * @param inLine makes of an app that the org has one with all that is needed
 */
export async function bringIntoLine(
  api: OktaApi,
  known: App | undefined,
  fresh: Json,
  inLine: (app: App) => App,
): Promise<{ app: App; action: 'created' | 'updated' | 'unchanged' }> {
  if (!known) return { app: asApp(await api.post('/api/v1/apps?activate=true', fresh)), action: 'created' }
  const wanted = inLine(known)
  const [isRight, isActive] = [isDeepStrictEqual(wanted, known), known.status === 'ACTIVE']
  if (!isRight) await api.put(`/api/v1/apps/${known.id}`, wanted)
  if (!isActive) await api.post(`/api/v1/apps/${known.id}/lifecycle/activate`)
  return { app: known, action: isRight && isActive ? 'unchanged' : 'updated' }
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
