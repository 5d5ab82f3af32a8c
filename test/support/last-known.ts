import { expect } from 'vitest'
import { causes, expectUsual, told, within10Seconds } from './faults.js'
import { asServiceApp, type Lair } from './lair.js'
import type { Lairs } from './lairs.js'

const CHEETARA = 'cheetara@thundera.example'

/**
 * A person whom the app knows, and one whom it does not, while a fault is on, and after it.
 * @param cells of a row of docs/faults.md: what the one gets, what the other gets, the cause in the log
 * @param settings what else the app needs, such as other credentials for the Users API
 */
export function lastKnown(
  lairs: Lairs,
  fault: string,
  [known, unknown, cause]: string[],
  settings?: typeof asServiceApp,
): Promise<void> {
  return lairs.use(async (lair, enter) => {
    if (settings) await lair.restart(settings(lair.okta))
    const [lionO, cheetara] = [await enter(), await enter(CHEETARA)]
    const from = await switchOn(lair, fault)
    if (settings === asServiceApp) lair.okta.serviceApp.revokeTokens() // so that the app needs another one
    lair.pass(61)
    for (let turn = 0; turn < 3; turn++) {
      const page = await lionO.ask('/lair')
      expect(told(page)).toBe(known)
      await expectUsual(page, [lionO, lair.visitor()])
    }
    lair.pass(400) // as if Cheetara had never been seen
    const page = await cheetara.ask('/lair?gate=1')
    expect(told(page)).toBe(unknown)
    await expectUsual(page, [cheetara])
    if (unknown === '503') expect(page.text).toContain('href="/lair?gate=1">Try again')

    await lair.okta.faults.clear()
    if (cause === 'rate-limited') lair.pass(20)
    await within10Seconds(async () => told(await lionO.ask('/lair')) === '200')
    await within10Seconds(async () => told(await cheetara.ask('/lair')) === '200')
    expect(causes(lair, from, fault, settings && 'Users API')).toEqual(
      cause === 'none' ? [] : [cause, 'works'],
    )
  })
}

/** @returns how many lines the log had before */
export async function switchOn(lair: Lair, fault: string, login?: string): Promise<number> {
  await lair.okta.faults.on(fault, login)
  return lair.log.length
}
