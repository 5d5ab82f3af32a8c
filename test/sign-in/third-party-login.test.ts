import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppConfig } from '../../src/config.js'
import { returnToOf } from '../../src/sign-in/openid-connect.js'
import { loginWishes } from '../../src/sign-in/third-party-login.js'
import { SITE } from '../../src/site.js'
import { redirectTargets } from '../support/generators.js'
import { type Lair, startLair } from '../support/lair.js'
import { LION_O } from '../support/okta-client.js'
import type { Page, Visitor } from '../support/visitor.js'

let lair: Lair
/** Lion-O, who has signed in. */
let signedIn: Visitor
beforeAll(async () => {
  lair = await startLair()
  signedIn = await lair.signedIn()
})
afterAll(() => lair.close())

/** The address of `/login` with these parameters, and our org as the issuer. */
function login(parameters: Record<string, string> | [string, string][] = {}, iss = lair.okta.orgUrl): string {
  const query = new URLSearchParams(parameters)
  query.append('iss', iss)
  return `/login?${query}`
}

const isIn = async (visitor: Visitor) => (await visitor.ask('/lair')).status === 200
const sentToOkta = ({ location = '' }: Page) => new URL(location).searchParams
const transactionsOf = (visitor: Visitor) =>
  [...visitor.cookies.keys()].filter((name) => name.startsWith(`${SITE.slug}-sign-in.`))

/** Where a person ends who is sent to `/login` with this target: a stranger after the sign-in, or somebody signed in. */
async function endsOf(target: string) {
  const path = login({ target_link_uri: target })
  const state = sentToOkta(await lair.visitor().ask(path)).get('state') ?? ''
  const { status, location } = await signedIn.ask(path)
  expect(status).toBe(302)
  return [returnToOf(state), location?.replace(lair.url, '')]
}

describe('[130] GET /login with an issuer', () => {
  it.each([
    ['the org, as Okta’s dashboard sends it', () => lair.okta.orgUrl],
    ['the authorization server', () => lair.okta.issuer],
  ])('of %s signs a stranger in, and leads on who is signed in', async (_what, iss) => {
    expect((await lair.visitor().signIn(LION_O, login({}, iss()))).url).toBe(`${lair.url}/lair`)
    expect((await signedIn.ask(login({}, iss()))).location).toBe(`${lair.url}/lair`)
    const knownToOkta = signedIn.copy()
    knownToOkta.cookies.delete(SITE.slug)
    const page = await knownToOkta.go(login({}, iss()))
    expect([page.status, page.url]).toEqual([200, `${lair.url}/lair`])
  })

  it('is what the tile of the local Okta sends', async () => {
    const { text } = await lair.visitor().ask(lair.okta.orgUrl)
    const [, tile = ''] = /href="([^"]*)">Open it as Okta’s dashboard does/.exec(text) ?? []
    expect(tile).toBe(`${lair.url}${login()}`)
    expect((await lair.visitor().signIn(LION_O, tile)).url).toBe(`${lair.url}/lair`)
  })

  it.each<[string, (org: string) => string]>([
    ['another site', () => 'https://evil.example'],
    ['nobody', () => ''],
    ['the org with a slash too many', (org) => `${org}/`],
    ['the org in capitals', (org) => org.toUpperCase()],
    ['a longer name', (org) => `${org}.evil.example`],
    ['the org as a user name', (org) => `${org}@evil.example`],
    ['a user at the org', (org) => org.replace('//', '//evil@')],
    ['another authorization server of the org', (org) => `${org}/oauth2/other`],
    ['another port', (org) => org.replace(/\d+$/, '1')],
    ['another scheme', (org) => org.replace('http:', 'https:')],
    ['no scheme', (org) => org.replace('http:', '')],
    ['the org after a space', (org) => ` ${org}`],
    ['the org and a line break', (org) => `${org}\r\n`],
    ['the org and a NUL', (org) => `${org}\0`],
    ['the org and a fragment', (org) => `${org}#`],
    ['the org, encoded twice', (org) => encodeURIComponent(org)],
    ['a script', () => 'javascript:alert(1)'],
    ['markup', () => '<script>alert(1)</script>'],
    ['the name of a method', () => 'constructor'],
    ['4,000 characters', (org) => org.padEnd(4000, '/')],
  ])('of %s is refused, with a way on; nobody is signed in or out', async (_what, foreign) => {
    const path = login({}, foreign(lair.okta.orgUrl))
    const from = lair.log.length
    const page = await lair.visitor().ask(path)
    expect([page.status, page.location, page.setCookies]).toEqual([400, undefined, []])
    expect(page.text).toContain('href="/login">Sign in here')
    expect(page.text).not.toMatch(/evil|alert|oauth2/)
    expect(lair.log[from]).toMatchObject({
      code: 'foreign_issuer',
      reason: expect.stringMatching(/^"iss" is /),
      remedy: expect.stringContaining('OKTA_ORG_URL'),
    })
    expect((await signedIn.ask(path)).status).toBe(400)
    expect(await isIn(signedIn)).toBe(true)
  })

  it('twice is refused, also if both are the same', async () => {
    for (const other of [lair.okta.orgUrl, 'https://evil.example'])
      for (const path of [login([['iss', other]]), `${login()}&iss=${other}`])
        expect((await lair.visitor().ask(path)).status).toBe(400)
  })

  it('of another site gets JSON, if a script asks', async () => {
    const page = await lair.visitor().ask(login({}, 'x'), { headers: { Accept: 'application/json' } })
    expect([page.status, JSON.parse(page.text).error]).toEqual([400, 'foreign_issuer'])
  })

  it('of the org’s custom domain is Okta’s, if OKTA_ISSUER is there', () => {
    const config = {
      oktaOrgUrl: 'https://thundera.okta.com',
      oktaIssuer: 'https://id.thundera.example/oauth2/default',
    } as AppConfig
    expect(loginWishes({ iss: 'https://id.thundera.example' }, config)).toEqual({ returnTo: '/lair' })
    expect(() => loginWishes({ iss: 'https://id.thundera.example/oauth2' }, config)).toThrow()
  })

  it('and prompt=login asks for a fresh sign-in, and ends at the target', async () => {
    const page = await signedIn.copy().ask(login({ prompt: 'login', target_link_uri: '/?gate=1' }))
    expect(sentToOkta(page).get('max_age')).toBe('0')
    expect(returnToOf(sentToOkta(page).get('state') ?? '')).toBe('/?gate=1')
  })
})

describe('[130] target_link_uri', () => {
  it.each<[string, string]>([
    ['/lair?gate=north&n=1', '/lair?gate=north&n=1'],
    ['/', '/'],
    ['BASE/lair?q=a%20b', '/lair?q=a%20b'],
    ['/login-help', '/login-help'],
    ['', '/lair'],
    // other sites
    ['https://evil.example/lair', '/lair'],
    ['//evil.example', '/lair'],
    ['/\\evil.example', '/lair'],
    ['\\\\evil.example', '/lair'],
    ['/\t/evil.example', '/lair'],
    ['BASE@evil.example/', '/lair'],
    ['BASE.evil.example/', '/lair'],
    ['http://user:pass@HOST/', '/lair'],
    ['http://localhost:1/', '/lair'],
    ['https://HOST/', '/lair'],
    ['blob:BASE/x', '/lair'],
    ['javascript:alert(1)', '/lair'],
    // they would lead round in circles, or out
    ['/login', '/lair'],
    ['/login?prompt=login', '/lair'],
    ['/LOGIN/?iss=x', '/lair'],
    ['BASE/login?iss=ORG&target_link_uri=%2Flogin%3Fiss%3DORG', '/lair'],
    ['/logout', '/lair'],
    ['/x/../logout', '/lair'],
    ['//HOST/logout', '/lair'],
    ['/.//logout', '/lair'],
    ['/logout/everywhere', '/lair'],
    ['BASE/callback?code=1&state=2', '/lair'],
    ['/callback?error=access_denied', '/lair'],
    [`/logout?x=${'y'.repeat(3000)}`, '/lair'],
    // too long for a cookie
    [`/lair?x=${'y'.repeat(3000)}`, '/lair'],
    [`/${'y'.repeat(3000)}`, '/lair'],
  ])('%j leads to %s, whether the person is signed in or not', async (template, end) => {
    const { host } = new URL(lair.url)
    const { orgUrl } = lair.okta
    const target = template.replace('BASE', lair.url).replace('HOST', host).replaceAll('ORG', orgUrl)
    expect(await endsOf(target)).toEqual([end, end])
  })

  it('that would go round in circles ends in the lair, and signs nobody out', async () => {
    const visitor = signedIn.copy()
    let target = '/logout'
    for (let depth = 0; depth < 4; depth++) {
      for (const path of [login({ target_link_uri: target }), target])
        if (path !== '/logout') expect((await visitor.go(path)).url).toBe(`${lair.url}/lair`)
      target = login({ target_link_uri: target })
    }
    expect(await isIn(visitor)).toBe(true)
    const stranger = lair.visitor()
    expect((await stranger.signIn(LION_O, target)).url).toBe(`${lair.url}/lair`)
    expect(await isIn(stranger)).toBe(true)
  })

  it('brings the person there after the sign-in', async () => {
    const page = await lair.visitor().signIn(LION_O, login({ target_link_uri: '/lair?gate=1' }))
    expect([page.status, page.url]).toEqual([200, `${lair.url}/lair?gate=1`])
  })

  it('twice counts as missing', async () => {
    const path = `${login({ target_link_uri: '/' })}&target_link_uri=/`
    expect((await signedIn.ask(path)).location).toBe(`${lair.url}/lair`)
  })

  it('never leads to another site, whatever it is (300 generated ones)', () => {
    const config = {
      baseUrl: lair.url,
      oktaOrgUrl: lair.okta.orgUrl,
      oktaIssuer: lair.okta.issuer,
    } as AppConfig
    for (const target of redirectTargets(300, 2)) {
      const { returnTo } = loginWishes({ iss: lair.okta.orgUrl, target_link_uri: target }, config)
      expect(new URL(returnTo, lair.url).origin).toBe(lair.url)
      expect(returnTo).not.toMatch(/^\/(login|logout|callback)([/?]|$)/i)
    }
  })
})

describe('[130] login_hint', () => {
  /** What Okta gets for a hint. */
  const hintFor = async (hint: string) => sentToOkta(await lair.visitor().ask(login({ login_hint: hint })))

  it('goes on to Okta, which shows this person first', async () => {
    const { text } = await lair.visitor().go(login({ login_hint: 'cheetara@thundera.example' }))
    expect(/name="person" value="([^"]*)"/.exec(text)?.[1]).toBe('cheetara@thundera.example')
  })

  it.each([
    'x&prompt=none&scope=admin',
    'x#y',
    'Panthro +1 (555)',
    '<script>',
    '猫@thundera.example',
    'x'.repeat(254),
  ])('%j is one parameter, whatever is in it', async (hint) => {
    const sent = await hintFor(hint)
    expect(sent.getAll('login_hint')).toEqual([hint])
    expect([sent.get('prompt'), sent.get('scope')]).toEqual([null, 'openid profile email'])
  })

  it.each(['', 'x'.repeat(255), 'a\r\nb', 'a\0', '\u009f'])(
    '%j is left out, and the sign-in goes on',
    async (hint) => {
      expect((await hintFor(hint)).has('login_hint')).toBe(false)
    },
  )

  it('twice counts as missing', async () => {
    const page = await lair.visitor().ask(`${login({ login_hint: 'a' })}&login_hint=b`)
    expect(sentToOkta(page).has('login_hint')).toBe(false)
  })

  it('is in no cookie and in no line of the log, also if the sign-in fails', async () => {
    const path = login({ login_hint: 'secretive@thundera.example' })
    await lair.okta.faults.on('org-down')
    await lair.restart()
    expect((await lair.visitor().ask(path)).status).toBe(503)
    await lair.okta.faults.clear()
    await lair.ready()
    const { setCookies, location } = await lair.visitor().ask(path)
    const state = Buffer.from(new URL(location ?? '').searchParams.get('state') ?? '', 'base64url')
    expect(`${setCookies.map(decodeURIComponent)} ${state}`).not.toContain('secretive')
    expect(JSON.stringify(lair.log)).not.toContain('secretive')
  })
})

describe('[130] a sign-in that another site begins', () => {
  const crossSite = { 'Sec-Fetch-Site': 'cross-site' }

  it('is a page’s own navigation: no script, no frame, no prefetch', async () => {
    for (const [headers, status] of [
      [{ ...crossSite, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }, 302],
      [{ ...crossSite, 'Sec-Fetch-Mode': 'no-cors' }, 401],
      [{ ...crossSite, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }, 403],
      [{ ...crossSite, 'Sec-Purpose': 'prefetch' }, 401],
    ] as const) {
      const page = await lair.visitor().ask(login(), { headers })
      expect([page.status, page.setCookies.length]).toEqual([status, status === 302 ? 1 : 0])
    }
    expect((await lair.visitor().ask(login(), { method: 'post', form: {} })).status).toBe(405)
  })

  it('is one of five at most, and counts for the limit of the address; a refused one costs nothing', async () => {
    await lair.restart({ SIGN_IN_LIMIT_PER_MINUTE: '7' })
    await lair.ready()
    const visitor = lair.visitor()
    for (let time = 0; time < 20; time++)
      expect((await visitor.ask(login({}, 'https://evil.example'))).status).toBe(400)
    for (let time = 0; time < 7; time++) expect((await visitor.ask(login())).status).toBe(302)
    expect(transactionsOf(visitor)).toHaveLength(5)
    expect((await visitor.ask(login())).status).toBe(429)
  })
})
