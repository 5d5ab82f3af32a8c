import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SITE } from '../../src/site.js'
import { addClaims } from '../support/forge.js'
import { type Lair, startLair } from '../support/lair.js'
import type { Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterEach(async () => {
  lair.okta.rewrite = undefined
  await lair.okta.faults.clear()
})
afterAll(() => lair.close())

/** The callback to which Okta sends this visitor. */
async function callbackFor(visitor: Visitor): Promise<string> {
  const signInPage = await visitor.go('/lair')
  let page = await visitor.ask(signInPage.url, { method: 'post', form: { person: LION_O } })
  while (!page.location?.startsWith(`${lair.url}/callback`)) page = await visitor.ask(page.location ?? '')
  return page.location
}

describe('a sign-in', () => {
  it.each(['/', '"', ' ', ',', '(', '@', '\u00e9'])(
    '[64] begins, whatever cookies there are: names like a sign-in’s with a %j',
    async (char) => {
      const names = Array.from({ length: 5 }, (_, n) => `${SITE.slug}-sign-in.a${char}b${n}=1`)
      const headers = { Cookie: names.join('; '), Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate' }
      const page = await fetch(`${lair.url}/login`, { headers, redirect: 'manual' })
      expect([page.status, page.headers.getSetCookie().length]).toEqual([302, 1])
    },
  )

  it('[45] with an ID token of 70 KB works; it is too large to keep for the sign-out', async () => {
    addClaims(lair.okta, { groups: Array.from({ length: 1500 }, (_, n) => `${n}`.padStart(30, 'group')) })
    const visitor = await lair.signedIn()
    expect((await visitor.go('/logout')).url).toBe(`${lair.url}/`)
  })
})

describe('a callback', () => {
  it('[55] twice at once, or a moment later, makes one session: signing out of one ends the others', async () => {
    const [one, other, third] = [lair.visitor(), lair.visitor(), lair.visitor()]
    const url = await callbackFor(one)
    const [before] = one.cookies as unknown as [[string, string]]
    for (const visitor of [other, third]) visitor.cookies.set(...before)
    const pages = await Promise.all([one.ask(url), other.ask(url)])
    expect(pages.map(({ status }) => status)).toEqual([302, 302])
    expect((await third.ask(url)).status).toBe(302)
    expect((await other.ask('/lair')).status).toBe(200)
    await one.ask('/logout')
    for (const visitor of [other, third]) expect((await visitor.ask('/lair')).status).toBe(302)
  })

  it('[122] is not answered by a HEAD or a prefetch: the code stays good', async () => {
    const visitor = lair.visitor()
    const url = await callbackFor(visitor)
    for (const options of [{ method: 'head' }, { headers: { 'Sec-Purpose': 'prefetch' } }] as const) {
      const page = await visitor.ask(url, options)
      expect([page.status, page.setCookies]).toEqual([401, []])
    }
    expect((await visitor.go(url)).status).toBe(200)
  })

  it('says that Okta failed also where its URL has a fragment, which no browser sends', async () => {
    const visitor = lair.visitor()
    const { pathname, search } = new URL(await callbackFor(visitor))
    await lair.okta.faults.on('token-500')
    const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const socket = connect(Number(new URL(lair.url).port), '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (chunk) => (answer += chunk))
    const head = `Host: localhost\r\nCookie: ${cookie}\r\nAccept: text/html\r\nConnection: close\r\n`
    socket.write(`GET ${pathname}${search}#x HTTP/1.1\r\n${head}\r\n`)
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 503 /)
  })
})
