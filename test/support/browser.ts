/** Steps of the tests in a real Chromium. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import { SITE } from '../../src/site.js'
import { gifIn, standInForGiphy } from './giphy.js'
import type { Lair } from './lair.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Chromium says this of the frame around the GIF, because that frame is ours. No script runs in it: see views/lair.ejs. */
const OF_THE_GIF =
  'An iframe which has both allow-scripts and allow-same-origin for its sandbox attribute can escape its sandboxing.'

export interface Layout {
  colorScheme: 'light' | 'dark'
  width: number
}

export function layouts(...widths: number[]): Layout[] {
  return (['light', 'dark'] as const).flatMap((colorScheme) =>
    widths.map((width) => ({ colorScheme, width })),
  )
}

/** Opens a page in a new browser profile. Errors and warnings in the console of the page are its complaints. */
export async function open(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const complaints: string[] = []
  const context = await browser.newContext(options)
  await standInForGiphy(context)
  const page = await context.newPage()
  page.on('console', (message) => {
    const isComplaint = ['error', 'warning'].includes(message.type()) && message.text() !== OF_THE_GIF
    if (isComplaint) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, complaints }
}

/** Expects that axe finds no violation, and that the person need not scroll sideways. */
export async function expectReadable(page: Page): Promise<void> {
  await page.waitForLoadState('load') // the stylesheet is there then
  await page.evaluate(axe) // the page's CSP does not hold for evaluate()
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    'axe.run()',
  )
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
  expect(
    await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth'),
  ).toBe(true)
}

export async function clickThrough(
  browser: Browser,
  lair: Lair,
  { colorScheme, width }: Layout,
): Promise<void> {
  const { page, complaints } = await open(browser, { colorScheme, viewport: { width, height: 800 } })
  await page.goto(lair.url)
  await expectReadable(page)
  await page.getByRole('link', { name: 'Enter the lair' }).click()
  await page.getByText('This is not Okta').waitFor()
  await expectReadable(page)
  await page.getByRole('button', { name: 'Lion-O' }).click()
  await page.getByRole('heading', { name: 'Thundercats, hoooo!' }).waitFor()
  expect(page.url()).toBe(`${lair.url}/lair`)
  await expect.poll(() => gifIn(page)?.getByText('The GIF plays here').isVisible()).toBe(true)
  await expectReadable(page)
  await page.getByRole('link', { name: SITE.name, exact: true }).click()
  await page.getByRole('heading', { name: 'Welcome back, Lion-O' }).waitFor()
  await expectReadable(page)
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByText('You are signed out.').waitFor()
  await expectReadable(page)
  await page.getByRole('link', { name: 'Enter the lair' }).click()
  await page.getByText('Sign in as').waitFor() // Okta's own session has ended, too
  expect(complaints).toEqual([])
  await page.context().close()
}
