import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { attribute, elements, textOf } from '../support/html.js'
import { APP, authorizeUrl, endpointsOf, LION_O, signInAt } from '../support/okta-client.js'
import { Visitor } from '../support/visitor.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta({ groups: [{ name: 'Cats & <dogs>', members: ['00u00000000000000001'] }] })
})
afterEach(() => okta.faults.clear())
afterAll(() => okta.close())

const ask = (path: string, org = okta) => new Visitor(org.orgUrl).go(path)
const servers = () => Object.entries(endpointsOf(okta))

/** The card of each person on the sign-in page, by login. */
async function cards(endpoints?: string): Promise<Map<string, string>> {
  const { text } = await ask(authorizeUrl(okta, {}, endpoints))
  const buttons = elements(text).filter((one) => attribute(one, 'name') === 'person')
  return new Map(buttons.map((one) => [attribute(one, 'value') ?? '', textOf(one).replace(/\s+/g, ' ')]))
}

describe('the sign-in page', () => {
  it('is one form, in which each person is a button', async () => {
    const { text } = await ask(authorizeUrl(okta))
    const forms = elements(text).filter(({ tagName }) => tagName === 'form')
    expect(forms.map((form) => [attribute(form, 'method'), attribute(form, 'action')])).toEqual([
      ['post', undefined],
    ])
    const buttons = elements(text).filter(({ tagName }) => tagName === 'button')
    expect(buttons.map((one) => [attribute(one, 'name'), attribute(one, 'value')])).toEqual(
      okta.people.map(({ profile }) => ['person', profile.login]),
    )
  })

  it('shows name, login, account state and groups of each', async () => {
    const all = await cards()
    expect(all.get(LION_O)).toContain(`Lion-O of Thundera ${LION_O} ACTIVE Everyone Cats & <dogs>`)
    expect(all.get('cheetara@thundera.example')).toMatch(/ACTIVE Everyone Okta signs them in may enter/)
    expect(all.get('slithe@thirdearth.example')).toContain('SUSPENDED')
    expect(all.get('jaga@thundera.example')).toContain('DELETED')
  })

  it('names the app for which it is, and the faults that are on', async () => {
    const before = await ask(authorizeUrl(okta))
    expect(before.text).toContain('<strong>localhost:3000</strong>')
    expect(before.text).not.toMatch(/faults? (is|are) on/)
    okta.faults.on('token-500')
    expect((await ask(authorizeUrl(okta))).text).toContain('One fault is on')
    okta.faults.on('keys-500')
    expect((await ask(authorizeUrl(okta))).text).toContain('2 faults are on')
  })

  it('says of each person what Okta then does, whatever fault of accounts or policies is on', async () => {
    const named = okta.faults.list.filter(({ group }) => group === 'account' || group === 'authorize')
    for (const fault of [undefined, ...named.map(({ name }) => name)]) {
      if (fault === 'authorize-feature-not-enabled') continue // then there is no sign-in page
      if (fault) okta.faults.on(fault)
      for (const [server, endpoints] of servers()) {
        const told = [...(await cards(endpoints))].map(([login, text]) => {
          const does = /Okta (signs them in|sends them back to the app|refuses them)/.exec(text)?.[1]
          return [server, fault, login, does]
        })
        const happened = okta.people.map(async ({ profile: { login } }) => {
          return [server, fault, login, await whatOktaDoes(String(login), endpoints)]
        })
        expect(told).toEqual(await Promise.all(happened))
      }
      await okta.faults.clear()
    }
  })

  async function whatOktaDoes(login: string, endpoints: string): Promise<string> {
    const { status, location } = await signInAt(
      authorizeUrl(okta, {}, endpoints),
      new Visitor(okta.orgUrl),
      login,
    )
    if (status === 401) return 'refuses them'
    return new URL(location ?? '').searchParams.has('code') ? 'signs them in' : 'sends them back to the app'
  }
})

describe('the way back to the app', () => {
  it('leads to the origin of the redirect URIs, from every page', async () => {
    okta.register('http://localhost:4321')
    const answer = await new Visitor(okta.orgUrl).ask('/app')
    expect(answer.location).toBe('http://localhost:4321/')
    okta.register(APP)
    for (const { text } of await everyPage()) expect(text).toContain('<a href="/app">Back to the app</a>')
  })

  it('lets the developer choose where there are several, and says so where there is none', async () => {
    const redirectUris = ['http://localhost:3000/a', 'http://localhost:3000/b', 'https://localhost:5000/c']
    const several = await startLocalOkta({ redirectUris })
    const links = elements((await ask('/app', several)).text).filter(({ tagName }) => tagName === 'a')
    expect(links.map((link) => attribute(link, 'href')).filter((href) => /^http/.test(href ?? ''))).toEqual([
      'http://localhost:3000/',
      'https://localhost:5000/',
    ])
    const empty = await startLocalOkta({ empty: true })
    expect((await ask('/app', empty)).status).toBe(404)
    expect((await ask('/', empty)).text).toContain('No app of this org')
    expect((await ask('/universal-logout', empty)).text).toContain('There is no app to ask')
    await Promise.all([several.close(), empty.close()])
  })
})

describe('the home page', () => {
  it('names what the app must be told, and no secret', async () => {
    const { text } = await ask('/')
    for (const value of [okta.orgUrl, okta.issuer, okta.clientId, `${APP}/callback`, `${APP}/`])
      expect(text).toContain(`<code>${value}</code>`)
  })
})

describe('every page', () => {
  it('says that it is not Okta, has no script and no style of its own, and no secret', async () => {
    for (const { url, text, headers } of await everyPage()) {
      expect([url, text]).toEqual([url, expect.stringContaining('This is not Okta.')])
      const all = elements(text)
      expect(all.filter(({ tagName }) => ['script', 'style'].includes(tagName))).toEqual([])
      expect(all.flatMap(({ attrs }) => attrs.map(({ name }) => name)).join(' ')).not.toMatch(
        /\b(style|on\w+)\b/,
      )
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self';/)
      for (const secret of [okta.clientSecret, okta.apiToken]) expect(text).not.toContain(secret)
    }
  })

  it('has one stylesheet, which names colours in one place only and loads nothing', async () => {
    const sheet = await ask('/local-okta.css')
    expect(sheet.headers['content-type']).toMatch(/^text\/css/)
    expect(sheet.text.match(/url\(|@import/)).toBeNull()
    const rules = sheet.text.replace(/^ *--[\w-]+: #[\da-f]{6};$/gm, '')
    expect(rules.match(/#[\da-f]{3,8}\b|\brgb|\bhsl/gi)).toBeNull()
  })
})

async function everyPage() {
  const visitor = new Visitor(okta.orgUrl)
  const signIn = await visitor.go(authorizeUrl(okta))
  const form = (person: string) => ({ method: 'post' as const, form: { person } })
  return [
    signIn,
    await visitor.ask(signIn.url, form('slithe@thirdearth.example')),
    await ask('/'),
    await ask('/faults'),
    await ask('/universal-logout'),
    await visitor.ask('/universal-logout', form('nobody')),
    await ask('/oauth2/default/v1/authorize?client_id=x'),
    await ask('/oauth2/default/v1/logout'),
    await ask('/signin/default/x'),
  ]
}
