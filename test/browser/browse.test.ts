import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, openChromium } from '../support/chromium.js'
import { standInForGiphy } from '../support/giphy.js'
import { type Lair, startLair } from '../support/lair.js'

const chromiumPath = findChromium()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

if (!chromiumPath) {
  if (process.env.REQUIRE_BROWSER === '1') throw new Error('REQUIRE_BROWSER=1, and no Chromium was found')
  process.stdout.write('Browser tests skipped: no Chromium found (install one or set CHROMIUM_PATH).\n')
}

const LAYOUTS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [360, 1280].map((width) => ({ colorScheme, width })),
)

describe.skipIf(!chromiumPath)('in a real Chromium', () => {
  let lair: Lair
  let browser: Browser
  const complaints: string[] = []

  beforeAll(async () => {
    lair = await startLair()
    browser = await openChromium(chromiumPath ?? '')
  })
  afterAll(async () => {
    await browser?.close()
    await lair?.close()
  })

  /** A fresh profile; whatever its console says is a complaint. */
  async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    complaints.length = 0
    const context = await browser.newContext(options)
    await standInForGiphy(context)
    const page = await context.newPage()
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    return page
  }

  async function violations(page: Page): Promise<string[]> {
    // bypassing the page's CSP for the checker only: evaluate() runs outside of it
    await page.evaluate(axe)
    const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
      'axe.run()',
    )
    return violations.map(
      ({ id, nodes }: { id: string; nodes: { html: string }[] }) => `${id}: ${nodes[0]?.html}`,
    )
  }

  async function fits(page: Page): Promise<boolean> {
    return page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')
  }

  it.each(LAYOUTS)(
    '[80] clicks through signing in and out at $width px, $colorScheme',
    async ({ colorScheme, width }) => {
      const page = await open({ colorScheme, viewport: { width, height: 800 } })
      const check = async () => {
        expect(await violations(page)).toEqual([])
        expect(await fits(page)).toBe(true)
      }
      await page.goto(lair.url)
      await check()
      await page.getByRole('link', { name: 'Enter the lair' }).click()
      await page.getByText('This is not Okta').waitFor()
      await check()
      await page.getByRole('button', { name: 'Lion-O' }).click()
      await page.getByRole('heading', { name: 'ThunderCats, ho!' }).waitFor()
      expect(page.url()).toBe(`${lair.url}/lair`)
      expect(await page.frameLocator('iframe').getByText('The GIF plays here').isVisible()).toBe(true)
      await check()
      await page.getByRole('link', { name: 'The Lair' }).click()
      await page.getByRole('heading', { name: 'Welcome back, Lion-O' }).waitFor()
      await check()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Something is watching the gate' }).waitFor()
      expect(page.url()).toBe(`${lair.url}/`)
      await page.getByRole('link', { name: 'Enter the lair' }).click()
      await page.getByText('Sign in as').waitFor() // a real sign-in, at Okta too
      expect(complaints).toEqual([])
      await page.context().close()
    },
  )

  it('shows refusals as pages that can be read and left', async () => {
    const page = await open({ viewport: { width: 360, height: 800 } })
    await page.goto(`${lair.url}/lair`)
    await page.getByRole('button', { name: 'Mumm-Ra' }).click()
    await page.getByText('not assigned').waitFor()
    expect(await violations(page)).toEqual([])
    expect(await fits(page)).toBe(true)
    await page.getByRole('link', { name: 'Use another account' }).click()
    await page.getByRole('button', { name: 'Cheetara' }).click()
    await page.getByRole('heading', { name: 'ThunderCats, ho!' }).waitFor()
    await page.context().close()
  })

  it('needs nothing but the keyboard', async () => {
    const page = await open()
    await page.goto(lair.url)
    await tabTo(page, 'Enter the lair')
    await page.keyboard.press('Enter')
    await page.getByText('This is not Okta').waitFor()
    await tabTo(page, 'Cheetara')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'ThunderCats, ho!' }).waitFor()
    await tabTo(page, 'Sign out')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Something is watching the gate' }).waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('[72] shows nothing of the lair to whoever presses Back after signing out', async () => {
    const page = await open()
    await page.goto(`${lair.url}/lair`)
    await page.getByRole('button', { name: 'Cheetara' }).click()
    await page.getByRole('heading', { name: 'ThunderCats, ho!' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Something is watching the gate' }).waitFor()
    await page.goBack({ waitUntil: 'load' })
    await page.getByText('Sign in as').waitFor()
    expect(await page.content()).not.toContain('As Okta knows you')
    await page.context().close()
  })

  it('needs no JavaScript', async () => {
    const page = await open({ javaScriptEnabled: false })
    await page.goto(`${lair.url}/lair`)
    await page.getByRole('button', { name: 'Cheetara' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    await page.context().close()
  })

  it('leaves a composed page when the GIF cannot load', async () => {
    const page = await open()
    await page.context().unroute('https://giphy.com/**')
    await page.context().route('https://giphy.com/**', (route) => route.abort())
    await page.goto(`${lair.url}/lair`)
    await page.getByRole('button', { name: 'Cheetara' }).click()
    await page.getByRole('heading', { name: 'ThunderCats, ho!' }).waitFor()
    const frame = await page.locator('.frame').boundingBox()
    expect((frame?.width ?? 0) / (frame?.height ?? 1)).toBeCloseTo(4 / 3, 1)
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
