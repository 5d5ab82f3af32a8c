import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectReadable, open } from '../support/browser.js'
import { findChromium, openChromium } from '../support/chromium.js'
import { gifIn } from '../support/giphy.js'
import { type Lair, startLair } from '../support/lair.js'

const chromiumPath = findChromium()

const EMBED = 'https://giphy.com/embed/ahXtBEbHiraxO'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

async function enter(page: Page): Promise<void> {
  await page.goto(`${lair.url}/lair`)
  await page.getByRole('button', { name: 'Cheetara' }).click()
  await page.getByRole('heading', { name: 'Thundercats, hoooo!' }).waitFor()
  await page.waitForLoadState()
}

/** What cuts GIPHY off, as arguments for Chromium. It then has no page of ours in the way, as in the other tests. */
const CUTS: [string, string[]][] = [
  ['its name is not resolved', ['--host-resolver-rules=MAP giphy.com ^NOTFOUND']],
  ['the connection is refused', ['--host-resolver-rules=MAP giphy.com 127.0.0.1:1']],
]

describe.skipIf(!chromiumPath).each(CUTS)('the lair where GIPHY cannot be reached: %s', (_why, args) => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium(String(chromiumPath), args)
  })
  afterAll(() => browser.close())

  it.each([true, false])(
    'shows our own drawing and no error page, with JavaScript: %s',
    async (javaScriptEnabled) => {
      const { page } = await open(browser, { javaScriptEnabled })
      await page.context().unroute('https://giphy.com/**')
      const hosts = new Set<string>()
      page.on('request', (request) => hosts.add(new URL(request.url()).hostname))
      await enter(page)

      const gif = page.frameLocator('.frame iframe')
      await gif.getByText('The GIF is out of reach just now').waitFor()
      await expect
        .poll(() => page.frames().map((frame) => frame.url()))
        .toEqual([`${lair.url}/lair`, 'about:srcdoc'])
      expect([...hosts].sort()).toEqual(['giphy.com', 'localhost'])
      expect(await page.locator('.frame .scene').isVisible()).toBe(true)
      expect(await page.getByRole('link', { name: /via GIPHY/ }).isVisible()).toBe(true)
      const frame = await page.locator('.frame').boundingBox()
      expect((frame?.width ?? 0) / (frame?.height ?? 1)).toBeCloseTo(4 / 3, 1)
      if (javaScriptEnabled) await expectReadable(page)
      await page.context().close()
    },
  )
})

describe.skipIf(!chromiumPath)('the lair where GIPHY answers', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await openChromium(String(chromiumPath))
  })
  afterAll(() => browser.close())

  it('[79] shows the GIF over all of the drawing, as itself, in a sandbox', async () => {
    const { page } = await open(browser)
    await enter(page)
    const gif = gifIn(page)
    expect(await gif?.evaluate('origin')).toBe('https://giphy.com')
    expect(await page.frameLocator('.frame iframe').getByText('out of reach').isVisible()).toBe(false)
    const [frame, object] = await Promise.all([
      page.locator('.frame').boundingBox(),
      page.frameLocator('.frame iframe').locator('object').boundingBox(),
    ])
    expect(object).toEqual(frame)
    // It opens no window and does not take the person elsewhere, even if they have clicked on it.
    await gif?.locator('body').click()
    const tries = `[(() => { try { return String(open('https://giphy.com/other')) } catch (error) { return error.name } })(),
      (() => { try { top.location = 'https://giphy.com/other'; return 'went' } catch (error) { return error.name } })()]`
    expect(await gif?.evaluate(tries)).toEqual(['null', 'SecurityError'])
    await page.context().close()
  })

  it.each([404, 500, 503])('shows the drawing if that answer is %s', async (status) => {
    const { page } = await open(browser)
    await page
      .context()
      .route(EMBED, (route) => route.fulfill({ status, contentType: 'text/html', body: 'no' }))
    await enter(page)
    await page.frameLocator('.frame iframe').getByText('The GIF is out of reach just now').waitFor()
    await page.context().close()
  })
})
