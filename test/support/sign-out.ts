/** Signing out while other tabs are busy. */
import { expect } from 'vitest'
import { SITE } from '../../src/site.js'
import type { Lair } from './lair.js'

const TABS = 25

/**
 * Signs a person out while 25 of their requests are in flight, again and again. Expects that afterwards all copies of
 * the session are worthless.
 * @param makeDue called after the sign-in; from then on each answer must renew the cookie
 */
export async function signOutInFlight(lair: Lair, rounds: number, makeDue: () => void): Promise<void> {
  let renewed = 0
  const isRenewal = new RegExp(`^${SITE.slug}=[^;]`)
  for (let round = 0; round < rounds; round++) {
    const visitor = await lair.signedIn()
    makeDue()
    const tabs = Array.from({ length: TABS }, () => visitor.copy())
    const requests = tabs.map(async (tab, index) => {
      for (let turns = 0; turns < index % 7; turns++) await new Promise(setImmediate)
      const { setCookies } = await tab.ask(index % 2 ? '/lair' : '/')
      if (setCookies.some((cookie) => isRenewal.test(cookie))) renewed++
    })
    await Promise.all([...requests, visitor.ask('/logout')])
    for (const tab of tabs) expect((await tab.ask('/lair')).status).toBe(302)
  }
  expect(renewed).toBeGreaterThan(0) // otherwise no request was in flight
}
