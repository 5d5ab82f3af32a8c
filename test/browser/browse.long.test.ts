import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clickThrough, layouts, open } from '../support/browser.js'
import { findChromium, openChromium } from '../support/chromium.js'
import { rows } from '../support/faults.js'
import { type Lair, startLair } from '../support/lair.js'

const chromiumPath = findChromium()

let lair: Lair
let browser: Browser
beforeAll(async () => {
  lair = await startLair()
  if (chromiumPath) browser = await openChromium(chromiumPath)
})
afterAll(async () => {
  await browser?.close()
  await lair.close()
})

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  it.each(layouts(360, 1280))('[80] clicks through signing in and out at $width px, $colorScheme', (layout) =>
    clickThrough(browser, lair, layout),
  )
})

/** Chromium judges the age of a cookie by the `Date` header of the answer that sets it. */
describe.skipIf(!chromiumPath)('a wrong clock at Okta, in a real Chromium', () => {
  it.each(rows('Clocks'))('%s: signing in ends at the app, with %s', async (fault, expected) => {
    await lair.okta.faults.on(fault)
    const { page } = await open(browser)
    await page.goto(`${lair.url}/lair`)
    await page.getByRole('button', { name: 'Cheetara' }).click()
    const heading = expected === '200' ? 'Thundercats, hoooo!' : 'Time is out of joint'
    await page.getByRole('heading', { name: heading }).waitFor()
    const status = await page.evaluate('performance.getEntriesByType("navigation")[0].responseStatus')
    expect([new URL(page.url()).origin, String(status)]).toEqual([lair.url, expected])
    await lair.okta.faults.clear()
    await page.context().close()
  })
})
