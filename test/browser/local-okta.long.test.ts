import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { expectReadable, layouts, open } from '../support/browser.js'
import { findChromium, openChromium } from '../support/chromium.js'
import { faintEdges, focusRings } from '../support/contrast.js'
import { APP, authorizeUrl, LION_O } from '../support/okta-client.js'

const chromiumPath = findChromium()

let okta: LocalOkta
let browser: Browser
beforeAll(async () => {
  okta = await startLocalOkta({ restartApp: async () => undefined })
  okta.register(APP)
  if (chromiumPath) browser = await openChromium(chromiumPath)
})
afterEach(() => okta.faults.clear())
afterAll(async () => {
  await browser?.close()
  await okta.close()
})

/** The pages of the local Okta, and how a developer comes to each. */
const PAGES: [name: string, come: (page: Page) => Promise<unknown>][] = [
  ['home', (page) => page.goto(okta.orgUrl)],
  ['sign-in', (page) => page.goto(authorizeUrl(okta))],
  [
    'sign-in with faults and a refusal',
    async (page) => {
      okta.faults.on('account-suspended', LION_O)
      await page.goto(authorizeUrl(okta, { login_hint: LION_O }))
      await page.getByRole('button', { name: 'Lion-O' }).click()
      await page.getByRole('alert').waitFor()
    },
  ],
  ['faults', (page) => page.goto(`${okta.orgUrl}/faults`).then(() => openAll(page))],
  [
    'faults, some of them on',
    async (page) => {
      okta.faults.on('account-suspended', LION_O)
      okta.faults.on('discovery-500')
      await page.goto(`${okta.orgUrl}/faults`)
      await openAll(page)
      await page.getByRole('button', { name: 'On: The Users API never answers' }).click()
      await page.getByRole('status').waitFor()
      await openAll(page)
    },
  ],
  [
    'sign a person out',
    async (page) => {
      await page.goto(`${okta.orgUrl}/universal-logout`)
      await page.getByRole('button', { name: 'Cheetara' }).click()
      await page.getByRole('status').waitFor()
    },
  ],
  ['error', (page) => page.goto(`${okta.orgUrl}/oauth2/default/v1/authorize?client_id=x`)],
]

const openAll = (page: Page) =>
  page.evaluate('for (const group of document.querySelectorAll("details")) group.open = true')

describe.skipIf(!chromiumPath)('the local Okta in a real Chromium', () => {
  it.each(PAGES)(
    'has a page that everybody can read and use: %s',
    { timeout: 180_000 },
    async (_name, come) => {
      for (const { colorScheme, width } of layouts(360, 1280)) {
        const { page, complaints } = await open(browser, { colorScheme, viewport: { width, height: 800 } })
        await come(page)
        await expectReadable(page)
        expect(await faintEdges(page)).toEqual([])
        const rings = await focusRings(page)
        expect(rings.faint).toEqual([])
        expect(rings.reached).toBeGreaterThanOrEqual(4) // the ways to the other pages, at least
        expect(complaints.filter((text) => !/status of 40[01]/.test(text))).toEqual([])
        await page.context().close()
        await okta.faults.clear()
      }
    },
  )

  it('switches without JavaScript, by the keyboard', async () => {
    const { page } = await open(browser, { javaScriptEnabled: false })
    await page.goto(`${okta.orgUrl}/faults`)
    await page.getByRole('heading', { name: 'Users API', exact: true }).click()
    await page.getByRole('combobox').nth(1).selectOption({ label: 'Lion-O of Thundera' })
    await page.getByRole('button', { name: 'On: The Users API never answers' }).press('Enter')
    await page.getByText('On: The Users API never answers. Felt: At the next page').waitFor()
    expect(okta.faults.active()).toEqual([{ name: 'users-hangs', person: LION_O }])
    await page.getByRole('button', { name: 'Off: The Users API never answers, for Lion-O' }).press('Enter')
    await page.getByText('the org answers as it should').waitFor()
    expect(okta.faults.active()).toEqual([])

    okta.faults.on('users-500', LION_O)
    okta.faults.on('users-500', 'cheetara@thundera.example')
    await page.reload()
    await page.getByRole('button', { name: 'Off for everybody: The Users API says 500' }).press('Enter')
    await page.getByText('Off: The Users API says 500').waitFor()
    expect(okta.faults.active()).toEqual([])
    await page.context().close()
  })

  it('has the focus on the person whom the app expects', async () => {
    const { page } = await open(browser)
    await page.goto(authorizeUrl(okta, { login_hint: 'cheetara@thundera.example' }))
    // Chromium gives the focus when it draws the page.
    await expect.poll(() => page.evaluate('document.activeElement.value')).toBe('cheetara@thundera.example')
    await page.context().close()
  })
})
