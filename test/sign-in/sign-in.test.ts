import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SITE } from '../../src/site.js'
import { addClaims } from '../support/forge.js'
import { noticeOf } from '../support/html.js'
import { type Lair, startLair } from '../support/lair.js'
import type { Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'
const SESSION_COOKIE = SITE.slug

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

/** Whether the browser has a sign-in under way. */
function transactions(visitor: Visitor): string[] {
  return [...visitor.cookies.keys()].filter((name) => name.startsWith(`${SITE.slug}-sign-in.`))
}

describe('GET /', () => {
  it('is public and sets no cookie', async () => {
    const page = await lair.visitor().ask('/')
    expect(page.status).toBe(200)
    expect(page.setCookies).toEqual([])
    expect(page.text).not.toContain('Sign out')
  })

  it('greets a signed-in person by the first name in the Okta profile and offers the way out', async () => {
    const visitor = await lair.signedIn()
    const person = lair.okta.people.find(({ profile }) => profile.login === LION_O)
    if (person) person.profile.firstName = 'Leo'
    lair.pass(60)
    const page = await visitor.ask('/')
    expect(page.text).toContain('Welcome back, Leo')
    expect(page.text).toMatch(/<form method="post" action="\/logout">\s*<button[^>]*>Sign out/)
    if (person) person.profile.firstName = 'Lion-O'
    lair.pass(60)
  })
})

describe('GET /lair', () => {
  it('sends a stranger to Okta with the code flow, PKCE S256 and the documented scopes', async () => {
    const { location, status } = await lair.visitor().ask('/lair')
    expect(status).toBe(302)
    const url = new URL(location ?? '')
    expect(url.origin + url.pathname).toBe(`${lair.okta.issuer}/v1/authorize`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      scope: 'openid profile email',
      redirect_uri: `${lair.url}/callback`,
      client_id: lair.okta.clientId,
    })
  })

  it('brings the person back to the very URL asked for', async () => {
    const page = await lair.visitor().signIn(LION_O, '/lair?gate=north&n=1')
    expect(page.status).toBe(200)
    expect(page.url).toBe(`${lair.url}/lair?gate=north&n=1`)
  })

  it('shows the GIF with its credit, and the profile as the Users API tells it', async () => {
    const visitor = await lair.signedIn()
    const person = lair.okta.people.find(({ profile }) => profile.login === LION_O)
    if (!person) throw new Error('no Lion-O')
    const before = structuredClone(person)
    Object.assign(person, { lastLogin: '2026-03-01T23:05:00.000Z', status: 'PASSWORD_EXPIRED' })
    person.profile = { ...person.profile, firstName: 'Lord', lastName: 'Lion', email: 'lord@lion.example' }
    lair.pass(60)
    const { text } = await visitor.ask('/lair')
    Object.assign(person, before)
    lair.pass(60)

    expect(text).toMatch(
      /<iframe src="https:\/\/giphy\.com\/embed\/ahXtBEbHiraxO"[^>]* title="[^"]+"[^>]* sandbox="/,
    )
    expect(text).toContain('href="https://giphy.com/gifs/retro-cartoons-thundercats-ahXtBEbHiraxO"')
    expect(text).toContain('Lord Lion')
    expect(text).toContain(LION_O)
    expect(text).toContain('lord@lion.example')
    expect(text).toContain('password expired')
    expect(text).toContain('<time datetime="2026-03-01T23:05:00.000Z">1 Mar 2026, 23:05 UTC</time>')
  })

  it('never shows a missing field as "null" or "undefined"', async () => {
    const visitor = await lair.signedIn(CHEETARA)
    const person = lair.okta.people.find(({ profile }) => profile.login === CHEETARA)
    if (!person) throw new Error('no Cheetara')
    const before = structuredClone(person)
    person.profile = { firstName: null, lastName: null, login: null, email: '' }
    person.lastLogin = null
    lair.pass(60)
    const pages = [await visitor.ask('/lair'), await visitor.ask('/')]
    person.profile = {}
    lair.pass(60)
    pages.push(await visitor.ask('/lair'), await visitor.ask('/'))
    Object.assign(person, before)
    lair.pass(60)

    for (const page of pages) {
      expect(page.status).toBe(200)
      expect(page.text).not.toMatch(/null|undefined|Invalid Date/)
    }
    expect(pages[0]?.text.match(/not given/g)).toHaveLength(4)
    expect(pages[1]?.text).toContain('Welcome back, Cheetara') // from the ID token
  })

  it.each([
    ['a client that accepts no HTML', { Accept: 'application/json' }],
    ['axios', { Accept: 'application/json, text/plain, */*' }],
    ['fetch in a page', { Accept: '*/*', 'Sec-Fetch-Mode': 'cors' }],
    ['an image', { 'Sec-Fetch-Mode': 'no-cors' }],
  ])('answers %s with 401 JSON instead of a redirect', async (_who, headers) => {
    const page = await lair.visitor().ask('/lair', { headers })
    expect(page.status).toBe(401)
    expect(JSON.parse(page.text)).toEqual({
      error: 'sign_in_required',
      message: expect.any(String),
      reference: expect.any(String),
    })
    expect(page.setCookies).toEqual([])
  })

  it('takes whoever accepts HTML at all for a browser', async () => {
    const headers = { Accept: 'application/json;q=0.9, text/html;q=0.8' }
    expect((await lair.visitor().ask('/lair', { headers })).status).toBe(302)
  })

  it('takes Accept: */* alone for a browser', async () => {
    const page = await lair.visitor().ask('/lair', { headers: { Accept: '*/*' } })
    expect(page.status).toBe(302)
  })
})

describe('GET /login', () => {
  it('ends in the lair', async () => {
    const page = await lair.visitor().signIn(LION_O, '/login')
    expect(page.url).toBe(`${lair.url}/lair`)
    expect(page.status).toBe(200)
  })

  it('ignores where a request would like to end', async () => {
    const page = await lair
      .visitor()
      .signIn(LION_O, '/login?returnTo=//evil.example&target_link_uri=//evil.example')
    expect(page.url).toBe(`${lair.url}/lair`)
  })

  it('sends whoever is signed in straight to the lair', async () => {
    const visitor = await lair.signedIn()
    expect((await visitor.ask('/login')).location).toBe(`${lair.url}/lair`)
  })

  it('[129] with prompt=login refuses the sign-in of a provider that did not ask for the person again', async () => {
    const anHourAgo = Math.floor(Date.now() / 1000) - 3600
    addClaims(lair.okta, { auth_time: anHourAgo })
    const visitor = lair.visitor()
    const page = await visitor.pick(await visitor.go('/login?prompt=login'), LION_O)
    expect([page.status, visitor.cookies.has(SITE.slug)]).toEqual([400, false])
    expect((await visitor.go('/lair')).status).toBe(200) // without prompt, Okta's session is enough
    lair.okta.rewrite = undefined
  })

  it('with prompt=login asks Okta for a fresh sign-in, so that another account can be used', async () => {
    const visitor = await lair.signedIn(LION_O)
    const signInPage = await visitor.go('/login?prompt=login')
    expect(new URL(signInPage.url).origin).toBe(lair.okta.orgUrl)
    const page = await visitor.pick(signInPage, CHEETARA)
    expect(page.url).toBe(`${lair.url}/lair`)
    expect(page.text).toContain(CHEETARA)
    expect(page.text).not.toContain(LION_O)
  })

  it('moves a browser that came by another loopback name to BASE_URL first', async () => {
    const { port } = new URL(lair.url)
    for (const path of ['/login', '/lair?a=1']) {
      const page = await lair.visitor().ask(`http://127.0.0.1:${port}${path}`)
      expect(page.location).toBe(lair.url + path)
      expect(page.setCookies).toEqual([])
    }
  })

  it('does not move a browser whose host name a proxy has changed: it would go round in circles', async () => {
    const forwarded = { Host: '127.0.0.1', 'X-Forwarded-Host': 'localhost' }
    const behindProxy = await lair.visitor().ask('/login', { headers: forwarded })
    expect(new URL(behindProxy.location ?? '').origin).toBe(lair.okta.orgUrl)

    const behindTls = await startLair({ BASE_URL: 'https://localhost:8443', TRUST_PROXY: 'loopback' })
    const page = await behindTls.visitor().ask('/login', { headers: { Host: '127.0.0.1:8080' } })
    await behindTls.close()
    expect(new URL(page.location ?? '').origin).toBe(behindTls.okta.orgUrl)
  })

  it('never redirects to a host that the request names', async () => {
    const page = await lair.visitor().ask('/login', { headers: { Host: 'evil.example' } })
    expect(new URL(page.location ?? '').origin).toBe(lair.okta.orgUrl)
    expect(page.location).not.toContain('evil.example')
  })
})

describe('signing in twice at once', () => {
  it('lets both tabs arrive, each where it wanted to go', async () => {
    const visitor = lair.visitor()
    const first = await visitor.go('/lair?tab=1')
    const second = await visitor.go('/lair?tab=2')
    expect(transactions(visitor)).toHaveLength(2)
    expect((await visitor.pick(first, LION_O)).url).toBe(`${lair.url}/lair?tab=1`)
    expect((await visitor.pick(second, LION_O)).url).toBe(`${lair.url}/lair?tab=2`)
  })

  it('lets another tab change the person in between', async () => {
    const visitor = lair.visitor()
    const first = await visitor.go('/lair?tab=1')
    const second = await visitor.go('/lair?tab=2')
    await visitor.pick(first, LION_O)
    const page = await visitor.pick(second, CHEETARA)
    expect([page.status, page.url]).toEqual([200, `${lair.url}/lair?tab=2`])
    expect(page.text).toContain(CHEETARA)
  })

  it('keeps at most five sign-ins under way and drops the oldest', async () => {
    const visitor = lair.visitor()
    const pages = []
    for (let tab = 1; tab <= 6; tab++) pages.push(await visitor.go(`/lair?tab=${tab}`))
    expect(transactions(visitor)).toHaveLength(5)
    const newest = pages.at(-1)
    if (!newest) throw new Error('no page')
    expect((await visitor.pick(newest, LION_O)).url).toBe(`${lair.url}/lair?tab=6`)
  })
})

describe('the session', () => {
  it('survives a restart of the app', async () => {
    const visitor = await lair.signedIn()
    await lair.restart()
    expect((await visitor.ask('/lair')).status).toBe(200)
  })

  it('sends cookies that scripts and other sites do not get', async () => {
    const visitor = lair.visitor()
    const started = await visitor.ask('/lair')
    const finished = await visitor.ask((await visitor.untilCallback(LION_O)).href)
    const nameOf = (cookie: string) => cookie.replace(/=.*/, '')
    expect(started.setCookies.map(nameOf)).toEqual([
      expect.stringMatching(new RegExp(`^${SITE.slug}-sign-in\\.[\\w-]{22}$`)),
    ])
    expect(started.setCookies[0]).toContain('; Max-Age=600;')
    expect(finished.setCookies.map(nameOf)).toContain(SESSION_COOKIE)
    for (const cookie of [...started.setCookies, ...finished.setCookies]) {
      expect(cookie).toMatch(/; Path=\/(;|$)/)
      expect(cookie).toMatch(/; HttpOnly/)
      expect(cookie).toMatch(/; SameSite=Lax/i)
      expect(cookie).not.toMatch(/; Domain/i)
    }
  })
})

describe('GET /logout and POST /logout', () => {
  it.each(['get', 'post'] as const)(
    '%s ends the session here and at Okta without a click there',
    async (method) => {
      const visitor = await lair.signedIn()
      const leaving = await visitor.ask('/logout', { method, headers: { 'Sec-Fetch-Site': 'same-origin' } })
      const url = new URL(leaving.location ?? '')
      expect(url.origin + url.pathname).toBe(`${lair.okta.issuer}/v1/logout`)
      expect(url.searchParams.get('id_token_hint')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${lair.url}/`)
      expect(visitor.cookies.has(SESSION_COOKIE)).toBe(false)

      const landing = await visitor.go(url.href)
      expect(landing.url).toBe(`${lair.url}/`)
      const next = await visitor.go('/lair')
      expect(next.text).toContain('name="person"') // a real sign-in, at Okta too
    },
  )

  it('[38] redirects a POST with 303', async () => {
    const visitor = await lair.signedIn()
    expect((await visitor.ask('/logout', { method: 'post' })).status).toBe(303)
  })

  it.each(['get', 'post'] as const)('%s without a session goes to / and never to Okta', async (method) => {
    const page = await lair.visitor().ask('/logout', { method })
    expect(page.status).toBe(303)
    expect(page.location).toBe(`${lair.url}/`)
  })

  it.each(['cross-site', 'same-site'])('[68] asks first when a %s page caused the GET', async (site) => {
    const visitor = await lair.signedIn()
    const page = await visitor.ask('/logout', {
      headers: { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'navigate' },
    })
    expect(page.status).toBe(200)
    expect(page.text).toMatch(/<form class="ways" method="post" action="\/logout"><button/)
    expect((await visitor.ask('/lair')).status).toBe(200)
  })

  it.each([
    ['a HEAD', { method: 'head' as const }],
    ['a prefetch', { headers: { 'Sec-Purpose': 'prefetch' } }],
    ['an old browser’s prefetch', { headers: { Purpose: 'prefetch' } }],
  ])('[68] ends nothing for %s', async (_what, options) => {
    const visitor = await lair.signedIn()
    await visitor.ask('/logout', options)
    expect((await visitor.ask('/lair')).status).toBe(200)
  })

  it.each([
    ['cross-site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['from a sibling site', { 'Sec-Fetch-Site': 'same-site' }],
    ['from another origin, in a browser without Sec-Fetch-Site', { Origin: 'https://evil.example' }],
    ['from a page that hides its origin, in such a browser', { Origin: 'null' }],
  ])('[68] refuses a POST %s with 403', async (_what, headers) => {
    const visitor = await lair.signedIn()
    const page = await visitor.ask('/logout', { method: 'post', headers })
    expect(page.status).toBe(403)
    expect((await visitor.ask('/lair')).status).toBe(200)
  })

  it('takes a POST from our own origin in a browser without Sec-Fetch-Site', async () => {
    const visitor = await lair.signedIn()
    await visitor.go('/logout', { method: 'post', headers: { Origin: lair.url } })
    expect((await visitor.ask('/lair')).status).toBe(302)
  })
})

describe('GET /callback', () => {
  const callbackUrl = async (visitor: Visitor) =>
    (await visitor.untilCallback(LION_O, '/lair?gate=south')).href

  it('sends whoever has used it already, by the back button say, to where that sign-in led', async () => {
    const visitor = lair.visitor()
    const url = await callbackUrl(visitor)
    await visitor.go(url)
    const again = await visitor.ask(url)
    expect(again.status).toBe(302)
    expect(again.location).toBe(`${lair.url}/lair?gate=south`)
    expect((await visitor.ask('/lair')).status).toBe(200) // nobody is signed out by it
  })

  it('sends a signed-in person without the transaction cookie to the lair', async () => {
    const visitor = lair.visitor()
    const url = await callbackUrl(visitor)
    await visitor.go(url)
    for (const name of transactions(visitor)) visitor.cookies.delete(name)
    expect((await visitor.ask(url)).location).toBe(`${lair.url}/lair`)
  })

  it('explains itself to a stranger who opens a used one, and does not restart by itself', async () => {
    const visitor = lair.visitor()
    const url = await callbackUrl(visitor)
    await visitor.go(url)
    visitor.cookies.delete(SESSION_COOKIE)
    const page = await visitor.ask(url)
    expect(page.status).toBe(400)
    expect(page.text).toContain('href="/lair?gate=south">Sign in again')
  })

  it('does nothing in a browser that did not start it', async () => {
    const url = await callbackUrl(lair.visitor())
    const other = lair.visitor()
    const page = await other.ask(url)
    expect(page.status).toBe(400)
    expect(other.cookies.size).toBe(0)
  })

  it.each([
    ['no sign-in under way', '/callback?code=made-up&state=made-up'],
    ['no parameters', '/callback'],
    ['a repeated state', '/callback?code=a&state=b&state=c'],
    ['an error and no sign-in', '/callback?error=access_denied&error_description=%3Cscript%3E'],
  ])('answers %s with a 400 page and a way to try again', async (_what, path) => {
    const page = await lair.visitor().ask(path)
    expect(page.status).toBe(400)
    expect(page.text).toContain('href="/lair">Sign in again')
    expect(page.text).not.toMatch(/made-up|<script/)
  })

  it('refuses a made-up code and keeps where the person wanted to go', async () => {
    const visitor = lair.visitor()
    const url = new URL(await callbackUrl(visitor))
    url.searchParams.set('code', 'made-up')
    const page = await visitor.ask(url.href)
    expect(page.status).toBe(400)
    expect(page.text).toContain('href="/lair?gate=south">Try again')
    expect(page.text).not.toContain('made-up')
    expect(visitor.cookies.has(SESSION_COOKIE)).toBe(false)
    expect(transactions(visitor)).toEqual([])
  })

  it('echoes nothing of what Okta, or whoever wrote the URL, says', async () => {
    const visitor = lair.visitor()
    const url = new URL(await callbackUrl(visitor))
    const state = url.searchParams.get('state') ?? ''
    url.search = `?${new URLSearchParams({ state, error: 'server_error', error_description: '<script>alert(1)</script> evil text' })}`
    const page = await visitor.ask(url.href)
    expect(page.status).toBe(503) // by the error's code
    expect(page.text).not.toMatch(/<script|evil text|server_error/)
    expect(page.text).toContain('Try again')
  })
})

describe('the people of the local Okta', () => {
  it.each([LION_O, CHEETARA])('%s may enter', async (login) => {
    expect((await lair.visitor().signIn(login)).status).toBe(200)
  })

  it('a second sign-in needs no click while the Okta session lasts', async () => {
    const visitor = await lair.signedIn()
    visitor.cookies.delete(SESSION_COOKIE)
    const page = await visitor.go('/lair')
    expect(page.url).toBe(`${lair.url}/lair`)
    expect(page.status).toBe(200)
  })

  it('Mumm-Ra is not assigned: a 403 page that says so and offers another account', async () => {
    const visitor = lair.visitor()
    const page = await visitor.signIn('mumm-ra@thirdearth.example')
    expect(page.status).toBe(403)
    expect(page.text).toContain('assigned')
    expect(page.text).toContain('href="/login?prompt=login">Use another account')
    expect(visitor.cookies.has(SESSION_COOKIE)).toBe(false)

    const signInPage = await visitor.go('/login?prompt=login')
    expect((await visitor.pick(signInPage, LION_O)).status).toBe(200)
  })

  it('Slithe is suspended and cannot sign in', async () => {
    const page = await lair.visitor().signIn('slithe@thirdearth.example')
    expect(new URL(page.url).origin).toBe(lair.okta.orgUrl)
    expect(page.text).toContain('Unable to sign in')
  })

  it('Jaga is unknown to the Users API: a 403 page, and the session is over', async () => {
    const visitor = lair.visitor()
    const page = await visitor.signIn('jaga@thundera.example')
    expect(page.status).toBe(403)
    expect(page.text).toContain('deleted')
    expect(visitor.cookies.has(SESSION_COOKIE)).toBe(false)
    expect((await visitor.ask('/')).text).not.toContain('Sign out')
  })
})

describe('[57] somebody who is suspended while signed in', () => {
  it.each([
    ['SUSPENDED', 'suspended'],
    ['DEPROVISIONED', 'deprovisioned'],
    ['STAGED', 'staged'],
    ['PROVISIONED', 'provisioned'],
  ])(
    '%s: the lair shows the 403 page, the landing page a stranger, the cookie goes',
    async (status, word) => {
      const visitor = await lair.signedIn(CHEETARA)
      const onLanding = await lair.signedIn(CHEETARA)
      const person = lair.okta.people.find(({ profile }) => profile.login === CHEETARA)
      if (!person) throw new Error('no Cheetara')
      person.status = status
      lair.pass(60)
      const page = await visitor.ask('/lair')
      const landing = await onLanding.ask('/')
      person.status = 'ACTIVE'

      expect(page.status).toBe(403)
      expect(page.text).toContain(word)
      expect(visitor.cookies.has(SESSION_COOKIE)).toBe(false)
      expect(landing.status).toBe(200)
      expect(landing.text).not.toMatch(/Sign out|Welcome back/)
      expect(noticeOf(landing)).toMatch(/from elsewhere: .* or by Okta/)
      expect([noticeOf(page), noticeOf(await visitor.ask('/'))]).toEqual([undefined, undefined]) // the 403 page says it
      expect(onLanding.cookies.has(SESSION_COOKIE)).toBe(false)
    },
  )

  it('is not let in again by a copy of the old cookie, once the account is back', async () => {
    const visitor = await lair.signedIn(CHEETARA)
    const copy = visitor.copy()
    const person = lair.okta.people.find(({ profile }) => profile.login === CHEETARA)
    if (!person) throw new Error('no Cheetara')
    person.status = 'SUSPENDED'
    lair.pass(60)
    await visitor.ask('/')
    person.status = 'ACTIVE'
    expect((await copy.ask('/lair')).status).toBe(302)
  })

  it.each(['ACTIVE', 'PASSWORD_EXPIRED', 'RECOVERY', 'LOCKED_OUT'])('%s may stay', async (status) => {
    const visitor = await lair.signedIn(CHEETARA)
    const person = lair.okta.people.find(({ profile }) => profile.login === CHEETARA)
    if (!person) throw new Error('no Cheetara')
    person.status = status
    lair.pass(60)
    const page = await visitor.ask('/lair')
    person.status = 'ACTIVE'
    expect(page.status).toBe(200)
  })
})

describe('other addresses', () => {
  it('answers an unknown one with a 404 page that has a reference', async () => {
    const page = await lair.visitor().ask('/nowhere')
    expect(page.status).toBe(404)
    expect(page.text).toMatch(/Reference <code>[\w-]{36}<\/code>/)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
  })

  it.each([
    '/%',
    '/%ff',
    '/assets/%',
    '/assets/nothing.css',
    '/.env',
    '/assets/../package.json',
    '/assets/..%2f.env',
  ])('[105] answers %s with 404', async (path) => {
    expect((await lair.visitor().ask(lair.url + path)).status).toBe(404)
  })

  it('[90] take nothing for a template option that comes in the query', async () => {
    const plain = await lair.visitor().ask('/')
    const options = [
      'settings[view options][client]=1',
      'settings[view options][escapeFunction]=x',
      'outputFunctionName=x',
      'cache=false',
      'filename=/etc/passwd',
      '__proto__[client]=1',
      'include=x',
      'escapeFn=x',
    ]
    for (const option of options) {
      const page = await lair.visitor().ask(`/?${encodeURI(option)}`)
      expect([option, page.status, page.text]).toEqual([option, 200, plain.text])
    }
  })

  it('[111] take no body: 200 KB, 2,000 fields, broken gzip or an unknown charset change nothing', async () => {
    const bodies: { headers: Record<string, string>; body: string }[] = [
      { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: `a=${'x'.repeat(200_000)}` },
      { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'a=b&'.repeat(2000) },
      { headers: { 'Content-Encoding': 'gzip' }, body: 'no gzip' },
      { headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=none' }, body: 'a=b' },
    ]
    for (const { headers, body } of bodies) {
      const post = async (path: string) =>
        (await fetch(lair.url + path, { method: 'POST', headers, body, redirect: 'manual' })).status
      expect([await post('/callback'), await post('/login'), await post('/logout')]).toEqual([405, 405, 303])
    }
  })

  it('answers a range outside of a file with 416, and not with an error of ours', async () => {
    const page = await lair.visitor().ask('/assets/lair.css', { headers: { Range: 'bytes=99999999-' } })
    expect(page.status).toBe(416)
  })

  it('answers scripts in JSON', async () => {
    const page = await lair.visitor().ask('/nowhere', { headers: { Accept: 'application/json' } })
    expect(JSON.parse(page.text)).toMatchObject({ error: 'not_found', reference: expect.any(String) })
  })

  it.each([
    ['/', 'GET, HEAD'],
    ['/lair', 'GET, HEAD'],
    ['/login', 'GET, HEAD'],
    ['/callback', 'GET, HEAD'],
    ['/logout', 'GET, HEAD, POST'],
    ['/healthz', 'GET, HEAD'],
    ['/assets/lair.css', 'GET, HEAD'],
  ])('answers a wrong method on %s with 405 and Allow: %s', async (path, allow) => {
    const methods = [
      'put',
      'delete',
      'patch',
      'options',
      ...(allow.includes('POST') ? [] : (['post'] as const)),
    ] as const
    for (const method of methods) {
      const page = await lair.visitor().ask(path, { method })
      expect([method, page.status, page.headers.allow]).toEqual([method, 405, allow])
    }
  })

  it('tells a probe that it lives, without cookies', async () => {
    const visitor = await lair.signedIn()
    const page = await visitor.ask('/healthz')
    expect(page.status).toBe(200)
    expect(page.setCookies).toEqual([])
  })

  it('serves a favicon and the one stylesheet', async () => {
    const { text } = await lair.visitor().ask('/')
    for (const [, path = ''] of text.matchAll(/<link [^>]*href="([^"]+)"/g)) {
      expect((await lair.visitor().ask(path)).status).toBe(200)
    }
    expect(text).toContain('rel="icon"')
    expect(text.match(/rel="stylesheet"/g)).toHaveLength(1)
  })
})
