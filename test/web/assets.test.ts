import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { elements } from '../support/html.js'
import { type Lair, startLair } from '../support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

/** Addresses of ours that a browser loads along with this page. */
function loadedWith(html: string): string[] {
  return elements(html).flatMap(({ tagName, attrs }) => {
    const value = (name: string) => attrs.find((attribute) => attribute.name === name)?.value
    if (tagName === 'link') return [value('href') ?? '']
    return ['img', 'script'].includes(tagName) ? [value('src') ?? ''] : []
  })
}

describe('the type face', () => {
  it('is the first in the stylesheet, is ours, and lets the text show at once', async () => {
    const { text, headers } = await lair.visitor().ask('/assets/lair.css')
    expect(text).toMatch(/--face: "Alegreya",/)
    expect(text).toMatch(/@font-face \{[^}]*font-display: swap;/)
    expect(text).not.toMatch(/url\("?(https?:)?\/\//)
    expect(headers['content-security-policy']).toContain("font-src 'self'")
    const licence = await lair.visitor().ask('/assets/alegreya-license.txt')
    expect([licence.status, licence.text.includes('SIL OPEN FONT LICENSE')]).toEqual([200, true])
  })
})

describe('a first visit', () => {
  it('takes at most five requests and 100 KB', async () => {
    const visitor = lair.visitor()
    const page = await visitor.ask('/')
    const hrefs = loadedWith(page.text)
    const sheet = await visitor.ask(hrefs.find((href) => href.includes('.css')) ?? '')
    // With another digest, the browser would load the type face twice, and not keep it.
    for (const [, name, query] of sheet.text.matchAll(/url\("?([\w.-]+)([^")]*)/g))
      expect(hrefs).toContain(`/assets/${name}${query}`)
    const files = await Promise.all(hrefs.map((href) => visitor.ask(href)))
    expect(files.map(({ status }) => status)).toEqual(files.map(() => 200))
    expect(files.length).toBeGreaterThan(0)
    expect(1 + files.length).toBeLessThanOrEqual(5)
    const bytes = [page, ...files].reduce((sum, { text, headers }) => {
      return sum + Number(headers['content-length'] ?? text.length) + JSON.stringify(headers).length
    }, 0)
    expect(bytes).toBeLessThan(100 * 1024)
  })

  it('is the last that asks for the files until they change', async () => {
    const visitor = lair.visitor()
    const files = loadedWith((await visitor.ask('/')).text)
    expect(files).not.toEqual([])
    for (const href of files) {
      expect(href).toMatch(/\?v=[\w-]{10}$/)
      expect((await visitor.ask(href)).headers['cache-control']).toBe('public, max-age=31536000, immutable')
      const other = await visitor.ask(href.replace(/v=.*/, 'v=0123456789'))
      expect(other.headers['cache-control']).toBe('no-cache')
      expect(other.headers.etag).toBeDefined()
    }
  })
})
