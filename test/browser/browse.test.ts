import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clickThrough, layouts, open } from '../support/browser.js'
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
  /** The others are in browse.long.test.ts. */
  it.each(layouts(360).slice(1))(
    '[80] clicks through signing in and out at $width px, $colorScheme',
    (layout) => clickThrough(browser, lair, layout),
  )

  it('[72] shows nothing of the lair to whoever presses Back after signing out', async () => {
    const { page } = await open(browser)
    await page.goto(`${lair.url}/lair`)
    await page.getByRole('button', { name: 'Cheetara' }).click()
    await page.getByRole('heading', { name: 'Thundercats, hoooo!' }).waitFor()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('heading', { name: 'Something is watching the gate' }).waitFor()
    await page.goBack({ waitUntil: 'load' })
    await page.getByText('Sign in as').waitFor()
    expect(await page.content()).not.toContain('As Okta knows you')
    await page.context().close()
  })

  it('needs no JavaScript', async () => {
    const { page } = await open(browser, { javaScriptEnabled: false })
    for (const name of ['Sign out', 'Sign out everywhere']) {
      await page.goto(`${lair.url}/lair`)
      await page.getByRole('button', { name: 'Cheetara' }).click()
      await page.getByRole('button', { name, exact: true }).click()
      await page.getByText(/You are signed out[.,]/).waitFor()
    }
    await page.context().close()
  })
})
