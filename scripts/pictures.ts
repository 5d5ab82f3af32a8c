/**
 * npm run pictures: makes the pictures of README from the running app, into docs/pictures/.
 * npm run pictures -- FOLDER: makes pictures of every page, wide and narrow, light and dark, into FOLDER.
 */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { findChromium, openChromium } from '../test/support/chromium.js'
import { standInForGiphy } from '../test/support/giphy.js'
import { type Lair, startLair } from '../test/support/lair.js'

const IN_README = ['landing-wide-light', 'sign-in-wide-light', 'lair-wide-dark', 'not-assigned-narrow-light']
const WIDTHS = { wide: 1280, narrow: 360 }

const [, , everythingInto] = process.argv
const folder = everythingInto ?? fileURLToPath(new URL('../docs/pictures', import.meta.url))

async function main(): Promise<void> {
  const chromiumPath = findChromium()
  if (!chromiumPath) throw new Error('No Chromium found. Install one or set CHROMIUM_PATH.')
  mkdirSync(folder, { recursive: true })
  const lair = await startLair()
  const browser = await openChromium(chromiumPath)
  try {
    for (const size of ['wide', 'narrow'] as const) {
      for (const colorScheme of ['light', 'dark'] as const) await tour(browser, lair, size, colorScheme)
    }
  } finally {
    await browser.close()
    await lair.close()
  }
}

async function tour(
  browser: Browser,
  lair: Lair,
  size: keyof typeof WIDTHS,
  colorScheme: 'light' | 'dark',
): Promise<void> {
  const context = await browser.newContext({ colorScheme, viewport: { width: WIDTHS[size], height: 760 } })
  await standInForGiphy(context)
  const page = await context.newPage()
  const shoot = (name: string) => picture(page, `${name}-${size}-${colorScheme}`)

  await page.goto(lair.url)
  await shoot('landing')
  await page.click('text=Enter the lair')
  await shoot('sign-in')
  await page.click('text=Lion-O')
  await page.waitForLoadState() // that of the GIF, too
  await shoot('lair')
  await page.goto(lair.url)
  await shoot('landing-signed-in')
  await page.goto(`${lair.url}/nowhere`)
  await shoot('not-found')
  await context.clearCookies()
  await page.goto(`${lair.url}/callback`)
  await shoot('not-under-way')
  await page.goto(`${lair.url}/lair`)
  await page.click('text=Mumm-Ra')
  await shoot('not-assigned')
  await context.close()
}

async function picture(page: Page, name: string): Promise<void> {
  if (!everythingInto && !IN_README.includes(name)) return
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}

await main()
