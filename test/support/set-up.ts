/** Runs the set-up of an Okta org in this process, against a local Okta. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import type { LocalOkta } from '../../local-okta/server.js'
import { createOktaApi, type Json } from '../../src/cli/okta-api.js'
import { setUp, undo } from '../../src/cli/set-up/set-up.js'
import type { Step, Wishes } from '../../src/cli/set-up/step.js'
import { SITE } from '../../src/site.js'
import { management } from './management.js'

const WISHES = {
  baseUrl: 'http://localhost:3000',
  label: SITE.name,
  group: 'Everyone',
  withServiceApp: true,
  settings: {},
}

/**
 * One run of the steps, as the command makes it.
 * @param changes.settings those that an earlier run has written
 */
export async function runSetUp(
  okta: LocalOkta,
  changes: Partial<Wishes> = {},
  options: { dryRun?: boolean } = {},
) {
  const api = createOktaApi(okta.orgUrl, `SSWS ${okta.apiToken}`, options)
  const steps: Step[] = []
  const result = await setUp(api, { ...WISHES, orgUrl: okta.orgUrl, ...changes }, (step) => steps.push(step))
  return { ...result, steps, actions: told(steps), calls: api.calls() }
}

/** @returns what was removed, and the settings that are needed no longer */
export async function runUndo(okta: LocalOkta, settings: Wishes['settings'] = {}) {
  const api = createOktaApi(okta.orgUrl, `SSWS ${okta.apiToken}`)
  const steps: Step[] = []
  const changes = await undo(api, { ...WISHES, orgUrl: okta.orgUrl, settings }, (step) => steps.push(step))
  return { changes, actions: told(steps) }
}

const told = (steps: Step[]) => steps.map(({ step, action }) => `${step}: ${action}`)

/** All that there is in the org for the app. */
export async function everythingIn(okta: LocalOkta) {
  const bodies = async (path: string) =>
    (await management(okta)('GET', path)).body as (Json & { id: string; label: string })[]
  const path = '/authorizationServers/default/policies'
  const [apps, policies] = [await bodies('/apps'), await bodies(path)]
  const rules = await Promise.all(policies.map(({ id }) => bodies(`${path}/${id}/rules`)))
  return {
    labels: apps.map(({ label }) => label).sort(),
    policies: policies.length,
    rules: rules.flat().length,
    apps,
  }
}

/** What `everythingIn` finds after a set-up. */
export const COMPLETE = { labels: [SITE.name, `${SITE.name} API`], policies: 1, rules: 1 }

/**
 * Runs the set-up, and cuts it off before its last call, as when the process is killed.
 * @param calls how many calls leave before that
 * @returns whether the set-up needed more calls than that
 */
export async function killedAfter(okta: LocalOkta, calls: number): Promise<boolean> {
  let made = 0
  const cut = (message: unknown) => {
    if (++made > calls) (message as { request: ClientRequest }).request.destroy()
  }
  subscribe('http.client.request.start', cut)
  try {
    await runSetUp(okta)
    return false
  } catch {
    return true
  } finally {
    unsubscribe('http.client.request.start', cut)
  }
}
