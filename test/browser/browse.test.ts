import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clickThrough, expectReadable, layouts, open } from '../support/browser.js'
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

  it('shows refusals as pages that can be read and left', async () => {
    const { page } = await open(browser, { viewport: { width: 360, height: 800 } })
    await page.goto(`${lair.url}/lair`)
    await page.getByRole('button', { name: 'Mumm-Ra' }).click()
    await page.getByText('not assigned').waitFor()
    await expectReadable(page)
    await page.getByRole('link', { name: 'Use another account' }).click()
    await page.getByRole('button', { name: 'Cheetara' }).click()
    await page.getByRole('heading', { name: 'Thundercats, hoooo!' }).waitFor()
    await page.context().close()
  })

  it('needs nothing but the keyboard', async () => {
    const { page, complaints } = await open(browser)
    await page.goto(lair.url)
    await tabTo(page, 'Enter the lair')
    await page.keyboard.press('Enter')
    await page.getByText('This is not Okta').waitFor()
    await tabTo(page, 'Cheetara')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Thundercats, hoooo!' }).waitFor()
    await tabTo(page, 'Sign out')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Something is watching the gate' }).waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

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

  /** More about it in gif.long.test.ts. */
  it('shows our own drawing, and no error page, when the GIF cannot load', async () => {
    const { page } = await open(browser)
    await page.context().route('https://giphy.com/**', (route) => route.abort())
    await page.goto(`${lair.url}/lair`)
    await page.getByRole('button', { name: 'Cheetara' }).click()
    await page.frameLocator('.frame iframe').getByText('The GIF is out of reach').waitFor()
    expect(page.frames().map((frame) => frame.url())).toEqual([`${lair.url}/lair`, 'about:srcdoc'])
    expect(await page.getByRole('link', { name: /via GIPHY/ }).isVisible()).toBe(true)
    await page.context().close()
  })

  async function tabTo(page: Page, text: string): Promise<void> {
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab')
      const focused = await page.evaluate<string>('document.activeElement?.textContent ?? ""')
      if (focused.includes(text)) return
    }
    throw new Error(`No way to "${text}" by the Tab key`)
  }
})
