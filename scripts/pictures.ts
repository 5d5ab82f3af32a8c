/** npm run pictures: makes the README's pictures from the running app, into docs/pictures/. */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { findChromium, openChromium } from '../test/support/chromium.js'
import { standInForGiphy } from '../test/support/giphy.js'
import { startLair } from '../test/support/lair.js'

const chromiumPath = findChromium()
if (!chromiumPath) {
  process.stderr.write('No Chromium found. Install one or set CHROMIUM_PATH.\n')
  process.exit(1)
}
const folder = process.argv[2] ?? fileURLToPath(new URL('../docs/pictures', import.meta.url))
mkdirSync(folder, { recursive: true })

const lair = await startLair()
const browser = await openChromium(chromiumPath)
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, width] of [
      ['wide', 1280],
      ['narrow', 360],
    ] as const) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } })
      await standInForGiphy(context)
      const page = await context.newPage()
      const shoot = (name: string) => picture(page, `${name}-${size}-${colorScheme}`)
      await page.goto(lair.url)
      await shoot('landing')
      await page.click('text=Enter the lair')
      await shoot('sign-in')
      await page.click('text=Lion-O')
      await shoot('lair')
      await page.goto(lair.url)
      await shoot('landing-signed-in')
      await page.goto(`${lair.url}/nowhere`)
      await shoot('not-found')
      await context.clearCookies()
      await page.goto(`${lair.url}/lair`)
      await page.click('text=Mumm-Ra')
      await shoot('not-assigned')
      await context.close()
    }
  }
} finally {
  await browser.close()
  await lair.close()
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true })
}
