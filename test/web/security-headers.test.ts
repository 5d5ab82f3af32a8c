import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SITE } from '../../src/site.js'
import { appWith } from '../support/changed-app.js'
import { elements } from '../support/html.js'
import { type Lair, startLair } from '../support/lair.js'
import type { Page } from '../support/visitor.js'

let lair: Lair
let behindTls: Lair
beforeAll(async () => {
  lair = await startLair()
  behindTls = await startLair({ BASE_URL: 'https://lair.example.com', TRUST_PROXY: 'loopback' })
})
afterAll(async () => {
  await lair.close()
  await behindTls.close()
})

/** One answer of each kind. */
async function everyKind(target: Lair): Promise<[what: string, page: Page][]> {
  const stranger = () => target.visitor()
  const person = await target.signedIn()
  const refused = await target.visitor().signIn('mumm-ra@thirdearth.example')
  const answers: [string, Promise<Page>][] = [
    ['landing', stranger().ask('/')],
    ['landing, signed in', person.ask('/')],
    ['lair', person.ask('/lair')],
    ['lair, HEAD', person.ask('/lair', { method: 'head' })],
    ['redirect to Okta', stranger().ask('/lair')],
    ['login', stranger().ask('/login')],
    ['login, signed in', person.ask('/login')],
    ['callback', stranger().ask('/callback')],
    ['401', stranger().ask('/lair', { headers: { Accept: 'application/json' } })],
    ['403', person.ask('/logout', { method: 'post', headers: { 'Sec-Fetch-Site': 'cross-site' } })],
    ['404', stranger().ask('/nowhere')],
    ['404 below assets', stranger().ask('/assets/nothing')],
    ['a path that cannot be decoded', stranger().ask(`${target.url}/%ff`)],
    ['405', stranger().ask('/lair', { method: 'put' })],
    ['health', stranger().ask('/healthz')],
    ['405 on health', stranger().ask('/healthz', { method: 'post' })],
    ['stylesheet', stranger().ask('/assets/lair.css')],
    ['picture', stranger().ask('/assets/favicon.svg')],
    ['sign-out page', person.ask('/logout', { headers: { 'Sec-Fetch-Site': 'cross-site' } })],
    ['sign-out', (await target.signedIn()).ask('/logout')],
  ]
  const pages: [string, Page][] = [['a refusal of Okta’s', refused]]
  for (const [what, answer] of answers) pages.push([what, await answer])
  return pages
}

describe('every answer', () => {
  it('[78] [79] [81] has a content security policy that allows what that page uses, and giphy on the lair only', async () => {
    const policy = `default-src 'none';style-src 'self';font-src 'self';img-src 'self';form-action 'self' ${lair.okta.orgUrl};base-uri 'none';frame-ancestors 'none'`
    for (const [what, { headers }] of await everyKind(lair)) {
      const expected = what.startsWith('lair')
        ? `${policy};frame-src https://giphy.com;object-src https://giphy.com`
        : policy
      expect([what, headers['content-security-policy']]).toEqual([what, expected])
      expect(headers['x-frame-options']).toBe('DENY')
    }
  })

  it('[83] [84] has the other headers with exact values', async () => {
    for (const [what, { headers }] of await everyKind(lair)) {
      expect([what, headers]).toEqual([
        what,
        expect.objectContaining({
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'same-origin',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
          'permissions-policy': expect.stringMatching(/^accelerometer=\(\), .*camera=\(\), .*usb=\(\)/),
        }),
      ])
      expect([what, headers['cross-origin-embedder-policy']]).toEqual([
        what,
        what.startsWith('lair') ? undefined : 'require-corp',
      ])
    }
  })

  it('[82] has HSTS for a year behind https, and never over http', async () => {
    for (const [what, { headers }] of await everyKind(behindTls)) {
      expect([what, headers['strict-transport-security']]).toEqual([
        what,
        'max-age=31536000; includeSubDomains',
      ])
    }
    for (const [what, { headers }] of await everyKind(lair)) {
      expect([what, headers['strict-transport-security']]).toEqual([what, undefined])
    }
  })

  it('[87] is not stored where it depends on who asks, and has no ETag', async () => {
    for (const [what, { headers }] of await everyKind(lair)) {
      const isAsset = ['stylesheet', 'picture'].includes(what)
      expect([what, headers['cache-control']]).toEqual([what, isAsset ? 'public, max-age=3600' : 'no-store'])
      if (!isAsset) expect([what, headers.etag]).toEqual([what, undefined])
    }
  })

  it('[86] [95] says neither what it is made of nor leaves its type and charset open', async () => {
    for (const [what, { headers, text }] of await everyKind(lair)) {
      expect([what, headers['x-powered-by'], headers.server]).toEqual([what, undefined, undefined])
      if (text !== '') {
        expect([what, headers['content-type']]).toEqual([
          what,
          expect.stringMatching(
            /^(text\/(html|plain|css)|application\/json); charset=utf-8$|^image\/svg\+xml/,
          ),
        ])
      }
    }
  })

  it('[39] [96] carries no foreign content, no path, no stack and no library name in its errors', async () => {
    for (const [what, { status, text }] of await everyKind(lair)) {
      if (status < 400) continue
      expect([what, text]).toEqual([
        what,
        expect.not.stringMatching(/node_modules|express|\.js:\d|Error:|at .*\(/),
      ])
      const links = elements(text).flatMap(({ attrs }) =>
        attrs.filter(({ name }) => ['src', 'href', 'action'].includes(name)),
      )
      expect(links.filter(({ value }) => !value.startsWith('/') || value.startsWith('//'))).toEqual([])
    }
  })

  it('[77] offers the way out wherever somebody is signed in', async () => {
    const visitor = await lair.signedIn()
    for (const path of ['/', '/lair']) {
      expect((await visitor.ask(path)).text).toContain('<form method="post" action="/logout">')
    }
  })
})

describe('a request that is hardly HTTP', () => {
  it.each([
    ['400', 'NONSENSE\r\n\r\n'],
    ['200', 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: nothing\r\n\r\n'],
    ['431', `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: a=${'x'.repeat(20_000)}\r\n\r\n`],
  ])('[78] is answered with %s and closed headers', async (status, raw) => {
    const socket = connect(Number(new URL(lair.url).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.write(raw)
    await once(socket, 'close')
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toContain("Content-Security-Policy: default-src 'none'")
    expect(answer).toContain('X-Content-Type-Options: nosniff')
  })
})

describe('cookies behind https', () => {
  it('[41] [42] [43] are Secure, HttpOnly, Lax, for all paths and no domain, with the __Host- prefix', async () => {
    const visitor = behindTls.visitor()
    const started = await visitor.ask('/lair')
    const finished: string[] = []
    let page = await visitor.ask((await visitor.go('/lair')).url, {
      method: 'post',
      form: { person: 'cheetara@thundera.example' },
    })
    while (page.location) {
      page = await visitor.ask(page.location)
      if (page.url.startsWith(behindTls.url)) finished.push(...page.setCookies)
    }
    expect(page.status).toBe(200)
    const signedOut = await visitor.ask('/logout')
    const cookies = [...started.setCookies, ...finished, ...signedOut.setCookies]
    expect(cookies.length).toBeGreaterThan(3)
    for (const cookie of cookies) {
      expect(cookie).toMatch(new RegExp(`^__Host-${SITE.slug}(-sign-in\\.[\\w-]{22}|\\.notice)?=`))
      expect(cookie).toMatch(/; Path=\//)
      expect(cookie).toMatch(/; Secure/)
      expect(cookie).toMatch(/; SameSite=Lax/i)
      expect(cookie).not.toMatch(/; Domain/i)
      expect(cookie).toMatch(/; HttpOnly|=; .*Expires=Thu, 01 Jan 1970/)
    }
  })
})

describe('addresses', () => {
  it.each([
    ['Host', { Host: 'evil.example' }],
    ['X-Forwarded-Host', { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Port': '666' }],
    ['Forwarded', { Forwarded: 'host=evil.example;proto=https' }],
    ['X-Original-URL', { 'X-Original-URL': '/lair', 'X-Rewrite-URL': '/lair' }],
  ])('[35] are not moved by a forged %s, whether a proxy is trusted or not', async (_name, headers) => {
    for (const target of [lair, behindTls]) {
      const { location, setCookies, status } = await target.visitor().ask('/login', { headers })
      expect(status).toBe(302)
      expect(new URL(location ?? '').searchParams.get('redirect_uri')).toBe(`${target.url}/callback`)
      expect(setCookies.join()).not.toMatch(/evil|Domain/)
      expect((await target.visitor().ask('/', { headers })).text).not.toContain('evil')
      const visitor = await target.signedIn()
      const leaving = await visitor.ask('/logout', { headers })
      expect(new URL(leaving.location ?? '').searchParams.get('post_logout_redirect_uri')).toBe(
        `${target.url}/`,
      )
    }
  })

  it('[37] of clients are believed from a trusted proxy only', async () => {
    const headers = { 'X-Forwarded-For': '203.0.113.7' }
    await (await lair.signedIn()).ask('/logout', { headers })
    expect(lair.log.at(-1)).toMatchObject({ msg: 'signed out', ip: '127.0.0.1' })
    await (await behindTls.signedIn()).ask('/logout', { headers })
    expect(behindTls.log.at(-1)).toMatchObject({ msg: 'signed out', ip: '203.0.113.7' })
  })
})

describe('a page inside another one', () => {
  it.each(['iframe', 'frame', 'embed', 'object', 'image', 'script', 'style'])(
    '[93] is refused as %s',
    async (destination) => {
      const visitor = await lair.signedIn()
      const page = await visitor.ask('/lair', { headers: { 'Sec-Fetch-Dest': destination } })
      expect(page.status).toBe(403)
      expect(page.text).not.toContain('As Okta knows you')
      expect((await visitor.ask('/lair', { headers: { 'Sec-Fetch-Dest': 'document' } })).status).toBe(200)
    },
  )
})

describe('an error in the app itself', () => {
  it('[96] [102] is one 500 page with a reference and the full set of headers, and nothing of the template', async () => {
    // A page that breaks its view: a date that is none.
    const user = "{ status: 'ACTIVE', lastKnownAt: 'yesterday' }"
    const app = await appWith(
      `page('/cave', requireUser, (_req, res) => res.render('lair', { user: ${user} }))`,
    )
    const broken = await startLair({}, app)
    const visitor = await broken.signedIn()

    for (let attempt = 0; attempt < 2; attempt++) {
      const page = await visitor.ask('/cave')
      expect(page.status).toBe(500)
      expect(page.text).not.toMatch(/toISOString|lastKnownAt|\.ejs|&gt;&gt;/)
      expect(page.headers['content-security-policy']).toContain("default-src 'none'")
      const [, reference] = /Reference <code>([\w-]+)/.exec(page.text) ?? []
      const line = broken.log.find(({ requestId, err }) => requestId === reference && err)
      expect(JSON.stringify(line)).toContain('toISOString')
    }
    await broken.close()
    app.remove()
  })
})

describe('an error after the first bytes of a page', () => {
  it('cuts the connection, so that nobody takes the page for whole', async () => {
    const app = await appWith(
      "page('/cave', (_req, res) => { res.write('half'); throw new Error('the rest') })",
    )
    const broken = await startLair({}, app)
    await expect(broken.visitor().ask('/cave')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(broken.log.at(-1)).toMatchObject({ level: 'error', err: { message: 'the rest' } })
    await broken.close()
    app.remove()
  })
})

describe('an error of the error page', () => {
  it('[96] [102] is a 500 without a page, with the full set of headers and a line that names it', async () => {
    const breakIt =
      "() => { app.locals.asset = () => { throw new Error('no asset') }; throw new Error('first') }"
    const app = await appWith(`page('/cave', ${breakIt})`)
    const broken = await startLair({}, app)
    const page = await broken.visitor().ask('/cave')
    await broken.close()
    app.remove()
    expect([page.status, page.text]).toEqual([500, ''])
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(JSON.stringify(broken.log.at(-1))).toContain('no asset')
  })
})

describe('[85] the MDN HTTP Observatory', () => {
  it.each(['/', '/lair'])('gives %s at least 130 points by its published rules, an A+', async (path) => {
    const visitor = await behindTls.signedIn()
    const { headers } = await visitor.ask(path)
    const csp = String(headers['content-security-policy']).replace(
      behindTls.okta.orgUrl,
      'https://okta.example',
    )
    const rules: [points: number, holds: boolean][] = [
      [10, /default-src 'none'/.test(csp) && !/unsafe-|http:|data:|\*/.test(csp)], // csp-implemented-with-no-unsafe-default-src-none
      [5, /frame-ancestors 'none'/.test(csp)], // x-frame-options-implemented-via-csp
      [5, headers['referrer-policy'] === 'same-origin'], // referrer-policy-private
      [10, headers['cross-origin-resource-policy'] === 'same-origin'], // cross-origin-resource-policy-implemented-with-same-origin
      [0, headers['x-content-type-options'] === 'nosniff'],
      [0, Number(/max-age=(\d+)/.exec(headers['strict-transport-security'] ?? '')?.[1]) >= 15_552_000],
      [0, headers['access-control-allow-origin'] === undefined],
    ]
    expect(rules.filter(([, holds]) => !holds)).toEqual([])
    expect(100 + rules.reduce((sum, [points]) => sum + points, 0)).toBeGreaterThanOrEqual(130)
  })
})
