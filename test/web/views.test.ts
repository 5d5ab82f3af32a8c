import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SITE } from '../../src/site.js'
import { attribute, elements, textOf } from '../support/html.js'
import { type Lair, startLair } from '../support/lair.js'

const LOGIN = 'lion-o@thundera.example'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

/** The page's skeleton: which elements with which attributes, without their texts. */
function skeleton(html: string): string[] {
  return elements(html).map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '))
}

describe('markup in the profile', () => {
  const PAYLOADS = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</dd></dl><h1>owned</h1>',
    "'; alert(1); '",
    '<%= process.env %>',
    '&lt;b&gt;',
    '--><svg onload=alert(1)>',
  ]

  it.each(PAYLOADS)('%s comes out as the very same text in every field', async (payload) => {
    const visitor = await lair.signedIn()
    const person = lair.okta.people.find(({ profile }) => profile.login === LOGIN)
    if (!person) throw new Error('no Lion-O')
    const before = structuredClone(person)
    const clean = { lair: await visitor.ask('/lair'), landing: await visitor.ask('/') }
    person.profile = { firstName: payload, lastName: payload, login: payload, email: payload }
    lair.pass(60)
    const dirty = { lair: await visitor.ask('/lair'), landing: await visitor.ask('/') }
    Object.assign(person, before)
    lair.pass(60)

    expect(skeleton(dirty.lair.text)).toEqual(skeleton(clean.lair.text))
    expect(skeleton(dirty.landing.text)).toEqual(skeleton(clean.landing.text))
    const values = elements(dirty.lair.text).filter(({ tagName }) => tagName === 'dd')
    expect(values.slice(0, 3).map(textOf)).toEqual([`${payload} ${payload}`, payload, payload])
    const heading = elements(dirty.landing.text).find(({ tagName }) => tagName === 'h1')
    expect(heading && textOf(heading)).toBe(`Welcome back, ${payload}`)
  })
})

describe('every page', () => {
  it('has the name and the colours of the site, one h1, a title, a language, and neither script nor inline style', async () => {
    const visitor = await lair.signedIn()
    const pages = await Promise.all([
      lair.visitor().ask('/'),
      visitor.ask('/'),
      visitor.ask('/lair'),
      visitor.ask('/nowhere'),
      visitor.ask('/logout', { headers: { 'Sec-Fetch-Site': 'cross-site' } }),
      lair.visitor().ask('/callback'),
    ])
    for (const { text } of pages) {
      const found = elements(text)
      const named = (tag: string) => found.filter(({ tagName }) => tagName === tag)
      expect(named('h1')).toHaveLength(1)
      expect(named('title').map(textOf).join()).not.toBe('')
      expect(named('html').map((html) => attribute(html, 'lang'))).toEqual(['en'])
      expect(named('a').map(textOf)[0]).toBe(SITE.name)
      const colors = named('meta').filter((meta) => attribute(meta, 'name') === 'theme-color')
      expect(colors.map((meta) => attribute(meta, 'content'))).toEqual(Object.values(SITE.themeColor))
      expect(named('script').concat(named('style'))).toEqual([])
      const inline = found
        .flatMap(({ attrs }) => attrs)
        .filter(({ name }) => name === 'style' || name.startsWith('on'))
      expect(inline).toEqual([])
    }
  })
})

describe('the way out', () => {
  it('is on every page of somebody who is signed in, and on no other', async () => {
    const visitor = await lair.signedIn()
    const offersIt = async (who: typeof visitor, path: string) =>
      (await who.ask(path)).text.includes('action="/logout"')
    for (const path of ['/', '/lair', '/nowhere'])
      expect([path, await offersIt(visitor, path)]).toEqual([path, true])
    for (const path of ['/', '/nowhere'])
      expect([path, await offersIt(lair.visitor(), path)]).toEqual([path, false])
  })
})

describe('the tutorial’s own words', () => {
  it('are where its readers look for them', async () => {
    const visitor = await lair.signedIn()
    for (const who of [visitor, lair.visitor()])
      expect((await who.ask('/')).text).toContain('Thundercats, Thundercats, hoooooooooooo!')
    const { text } = await visitor.ask('/lair')
    expect(text).toContain('Thundercats now hidden lair.')
    expect(
      elements(text)
        .filter(({ tagName }) => tagName === 'title')
        .map(textOf),
    ).toEqual(['Thundercats, hoooo!'])
  })
})

describe('the header', () => {
  /** Everything above the page's own content, as text. */
  const headerOf = (html: string) => {
    const header = elements(html).find(({ tagName }) => tagName === 'header')
    return header && textOf(header).replace(/\s+/g, ' ')
  }

  it('says who is signed in, on pages and on error pages', async () => {
    const visitor = await lair.signedIn()
    const pages = [
      visitor.ask('/'),
      visitor.ask('/lair'),
      visitor.ask('/nowhere'),
      visitor.ask('/lair', { method: 'put' }),
      visitor.ask('/logout', { headers: { 'Sec-Fetch-Site': 'cross-site' } }),
    ]
    for (const { text } of await Promise.all(pages))
      expect(headerOf(text)).toBe(`${SITE.name} Signed in as Lion-O Sign out`)
    expect(headerOf((await lair.visitor().ask('/')).text)).toBe(SITE.name)
  })

  it('says the name in the ID token where Okta’s Users API cannot be asked', async () => {
    const visitor = await lair.signedIn()
    await lair.okta.faults.on('users-500')
    lair.pass(3600)
    const page = await visitor.ask('/lair')
    await lair.okta.faults.clear()
    expect([page.status, headerOf(page.text)]).toEqual([503, `${SITE.name} Signed in as Lion-O Sign out`])
  })
})

describe('the landing page', () => {
  it('has one way in', async () => {
    for (const who of [lair.visitor(), await lair.signedIn()]) {
      const links = elements((await who.ask('/')).text).flatMap((element) => attribute(element, 'href') ?? [])
      expect(links.filter((href) => /^\/(lair|login)/.test(href))).toEqual(['/lair'])
    }
  })
})

describe('the GIF', () => {
  it('is in a sandbox, has a title and learns nothing about the page', async () => {
    const visitor = await lair.signedIn()
    const page = await visitor.ask('/lair')
    const frame = elements(page.text).find(({ tagName }) => tagName === 'iframe')
    if (!frame) throw new Error('no iframe')
    expect(attribute(frame, 'sandbox')).toBe('allow-scripts allow-same-origin')
    expect(attribute(frame, 'title')).toMatch(/\w/)
    expect(attribute(frame, 'referrerpolicy')).toBe('no-referrer')
    expect(page.headers['content-security-policy']).toContain('frame-src https://giphy.com')
    expect((await visitor.ask('/')).headers['content-security-policy']).not.toContain('giphy')
  })
})
