import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { clickThrough, layouts, lookAtFaults } from '../support/browser.js'
import { findChromium, openChromium } from '../support/chromium.js'
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

describe.skipIf(!chromiumPath)('the page of faults in a real Chromium', () => {
  it.each(layouts(390, 1280))('is accessible and fits at $width px, $colorScheme', (layout) =>
    lookAtFaults(browser, lair.okta, layout),
  )
})
