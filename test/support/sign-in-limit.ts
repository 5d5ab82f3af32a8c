/** Sign-ins from one address, beyond the limit. */
import { expect } from 'vitest'
import type { Lair } from './lair.js'
import { askForAll } from './sessions.js'

/** Expects 429 for `count` requests of strangers beyond the limit, and that the app asks Okta for none of them. */
export async function exceedSignInLimit(lair: Lair, limit: number, count: number): Promise<void> {
  await lair.ready()
  const within = await askForAll(lair, '/lair', Array(limit).fill(''))
  expect(new Set(within.map(({ status }) => status))).toEqual(new Set([302]))
  const asked = { ...lair.okta.faults.asked }
  const beyond = await askForAll(lair, '/lair', Array(count).fill(''), 50)
  expect(new Set(beyond.map(({ status }) => status))).toEqual(new Set([429]))
  expect(lair.okta.faults.asked).toEqual(asked)
  const page = await lair.visitor().ask('/login')
  expect(page.status).toBe(429)
  expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
  expect(Number(page.headers['retry-after'])).toBeLessThanOrEqual(60)
}
