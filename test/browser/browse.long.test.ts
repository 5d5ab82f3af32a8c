import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clickThrough, expectReadable, layouts, open } from '../support/browser.js'
import { appWith } from '../support/changed-app.js'
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

  it('shows our own drawing, and no error page, when the GIF cannot load', async () => {
    const { page } = await open(browser)
    await page.context().route('https://giphy.com/**', (route) => route.abort())
    await page.goto(`${lair.url}/lair`)
    await page.getByRole('button', { name: 'Cheetara' }).click()
    await page.frameLocator('.frame iframe').getByText('The GIF is out of reach').waitFor()
    await expect
      .poll(() => page.frames().map((frame) => frame.url()))
      .toEqual([`${lair.url}/lair`, 'about:srcdoc'])
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

describe.skipIf(!chromiumPath)('every page of the app, in a real Chromium', () => {
  it.each(layouts(360, 1280))(
    'is accessible and fits at $width px, $colorScheme',
    async ({ colorScheme, width }) => {
      const { page } = await open(browser, { colorScheme, viewport: { width, height: 800 } })
      const look = async (path: string) => {
        await page.goto(lair.url + path)
        await expectReadable(page)
      }
      await look('/')
      await look('/callback') // 400
      await look('/nowhere') // 404
      await page.goto(`${lair.url}/lair`)
      await page.getByRole('button', { name: 'Mumm-Ra' }).click()
      await page.getByText('not assigned').waitFor()
      await expectReadable(page) // 403
      await page.getByRole('link', { name: 'Use another account' }).click()
      await page.getByRole('button', { name: 'Lion-O' }).click()
      await page.getByRole('heading', { name: 'Thundercats, hoooo!' }).waitFor()
      for (const path of ['/', '/lair', '/session', '/nowhere']) await look(path)
      await page.goto('about:blank') // of no site, so the link is another site's
      await page.setContent(`<a href="${lair.url}/logout">A link of another site</a>`)
      await page.getByRole('link').click()
      await page.getByRole('heading', { name: 'Leave the lair?' }).waitFor()
      await expectReadable(page)
      await lair.okta.faults.on('users-500')
      lair.pass(3600)
      await look('/lair') // 503
      await look('/')
      await lair.okta.faults.clear()
      lair.pass(60)
      await page.getByRole('button', { name: 'Sign out', exact: true }).click()
      await page.getByText('You are signed out').waitFor()
      await expectReadable(page)
      await page.context().close()
    },
  )

  it.each(layouts(360))(
    'is so in development, too, with an error: $colorScheme',
    async ({ colorScheme, width }) => {
      const app = await appWith(
        "page('/cave', (_req, res) => res.render('lair', { user: { status: 'ACTIVE', lastKnownAt: 'yesterday' } }))",
      )
      const development = await startLair({ NODE_ENV: 'development' }, app)
      const { page } = await open(browser, { colorScheme, viewport: { width, height: 800 } })
      await page.goto(`${development.url}/cave`)
      await page.getByText('toISOString is not a function').waitFor()
      await expectReadable(page)
      await page.context().close()
      await development.close()
      app.remove()
    },
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
