import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalOkta } from '../../local-okta/server.js'
import { SITE } from '../../src/site.js'
import { type Lair, startLair } from '../support/lair.js'
import type { Page, Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'

let lair: Lair
let tokenCalls = 0
beforeAll(async () => {
  lair = await startLair()
  lair.okta.rewrite = (path, body) => {
    if (path.endsWith('/token')) tokenCalls++
    return body
  }
})
afterAll(() => lair.close())

const untilCallback = (visitor: Visitor, path = '/lair?gate=1') => visitor.untilCallback(LION_O, path)

function expectNoSession(visitor: Visitor, page: Page): void {
  expect(page.status).toBe(400)
  expect(visitor.cookies.has(SITE.slug)).toBe(false)
  expect(page.setCookies.filter((cookie) => cookie.startsWith(`${SITE.slug}=`))).toEqual([])
}

describe('the authorization request', () => {
  it('[1] [2] [4] [6] uses the code flow with a challenge, nonce and state that never repeat', async () => {
    const seen = { code_challenge: new Set(), nonce: new Set(), state: new Set() }
    for (let count = 0; count < 100; count++) {
      const { location } = await lair.visitor().ask('/login')
      const { searchParams } = new URL(location ?? '')
      expect(searchParams.get('response_type')).toBe('code')
      expect(searchParams.get('code_challenge_method')).toBe('S256')
      expect(searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/)
      expect(searchParams.get('nonce')?.length).toBe(43)
      for (const [name, values] of Object.entries(seen)) values.add(searchParams.get(name))
    }
    for (const values of Object.values(seen)) expect(values.size).toBe(100)
  })

  it('[23] asks for the documented scopes and no more', async () => {
    const { location } = await lair.visitor().ask('/login')
    expect(new URL(location ?? '').searchParams.get('scope')).toBe('openid profile email')
  })

  it('[32] ignores what a third party puts into the URL of /login, if it names no issuer', async () => {
    const evil =
      '/login?target_link_uri=/?evil&login_hint=evil&returnTo=//evil.example&prompt=none&scope=admin'
    const { location = '' } = await lair.visitor().ask(evil)
    expect(location).not.toMatch(/evil|admin|prompt=/)
    expect((await lair.visitor().signIn(LION_O, evil)).url).toBe(`${lair.url}/lair`)
  })

  it.each(['iframe', 'image', 'script', 'object'])(
    '[31] is not made for an %s of another site',
    async (destination) => {
      const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Dest': destination }
      for (const path of ['/login', '/lair']) {
        const page = await lair.visitor().ask(path, { headers })
        expect(page.status).toBe(403)
        expect(page.setCookies).toEqual([])
      }
    },
  )
})

describe('a hostile callback', () => {
  /** Each changes the URL that Okta would have sent this browser to. */
  it.each<[string, (query: URLSearchParams) => void]>([
    ['[5] with another state', (query) => query.set('state', 'another')],
    ['[5] with no state', (query) => query.delete('state')],
    ['[5] with an empty state', (query) => query.set('state', '')],
    ['[5] with its state twice', (query) => query.append('state', query.get('state') ?? '')],
    ['[5] with a second state behind its own', (query) => query.append('state', 'another')],
    ['with a made-up code', (query) => query.set('code', 'made-up')],
    ['with an empty code', (query) => query.set('code', '')],
    ['with no code', (query) => query.delete('code')],
    ['with its code twice', (query) => query.append('code', query.get('code') ?? '')],
    ['with 10,000 characters of code', (query) => query.set('code', 'x'.repeat(10_000))],
    [
      'with control characters in its code',
      (query) => query.set('code', `\r\nSet-Cookie: ${SITE.slug}=evil`),
    ],
    ['[9] from another issuer', (query) => query.set('iss', 'https://evil.example')],
    [
      '[9] with two issuers',
      (query) => {
        query.append('iss', lair.okta.issuer)
        query.append('iss', 'https://evil.example')
      },
    ],
    ['with an ID token in the URL', (query) => query.set('id_token', 'a.b.c')],
    ['with a response in a JWT', (query) => query.set('response', 'a.b.c')],
    [
      'with an access token and no code',
      (query) => {
        query.delete('code')
        query.set('access_token', 'stolen')
      },
    ],
    ['[30] with an error beside the code', (query) => query.set('error', 'access_denied')],
    [
      '[30] with markup for an error',
      (query) => {
        query.delete('code')
        query.set('error', '<script>alert(1)</script>')
      },
    ],
    [
      '[30] with an empty error',
      (query) => {
        query.delete('code')
        query.set('error', '')
      },
    ],
  ])('%s ends in a page without a session', async (_what, change) => {
    const visitor = lair.visitor()
    const url = await untilCallback(visitor)
    change(url.searchParams)
    const page = await visitor.ask(url.href)
    expectNoSession(visitor, page)
    expect(page.text).not.toMatch(/<script|made-up|evil|stolen/)
  })

  it('[9] without the issuer that the authorization server announces to send ends in a page without a session', async () => {
    const announces = await startLocalOkta() // Okta itself announces nothing, and sends no issuer
    announces.rewrite = (path, body) =>
      path.endsWith('/openid-configuration')
        ? { ...body, authorization_response_iss_parameter_supported: true }
        : body
    const careful = await startLair({}, { sharedOkta: announces })
    const [one, other] = [careful.visitor(), careful.visitor()]
    expectNoSession(one, await one.ask((await untilCallback(one)).href))
    const url = await untilCallback(other)
    url.searchParams.set('iss', announces.issuer)
    expect((await other.ask(url.href)).location).toBe(`${careful.url}/lair?gate=1`)
    await careful.close()
    await announces.close()
  })

  it('[5] costs no call to Okta when its state is unknown', async () => {
    const visitor = lair.visitor()
    const url = await untilCallback(visitor)
    const before = tokenCalls
    url.searchParams.set('state', 'another')
    await visitor.ask(url.href)
    expect(tokenCalls).toBe(before)
  })

  it('[7] of an attacker’s sign-in does nothing in a victim’s browser, with or without a sign-in of their own', async () => {
    const attackers = (await untilCallback(lair.visitor())).href
    const bystander = lair.visitor()
    expectNoSession(bystander, await bystander.ask(attackers))

    const victim = lair.visitor()
    const own = await untilCallback(victim)
    expectNoSession(victim, await victim.ask(attackers))

    const mixed = new URL(own)
    mixed.searchParams.set('code', new URL(attackers).searchParams.get('code') ?? '')
    expectNoSession(victim, await victim.ask(mixed.href)) // the verifier does not fit the attacker's code
  })

  it('[7] is refused with a transaction cookie that was tampered with or made up', async () => {
    for (const forge of [
      (value: string) => value.replace('code_verifier', 'code_verifiex'),
      (value: string) => value.replace(/\.[^.]*$/, '.forged'),
      () => encodeURIComponent('{"state":"x","nonce":"y","code_verifier":"z"}.sig'),
      () => '%',
      () => 'used:',
    ]) {
      const visitor = lair.visitor()
      const url = await untilCallback(visitor)
      for (const [name, value] of visitor.cookies) {
        if (name.startsWith(`${SITE.slug}-sign-in.`)) visitor.cookies.set(name, forge(value))
      }
      expectNoSession(visitor, await visitor.ask(url.href))
    }
  })

  it('[8] that was used costs no second call to Okta, signed in or not', async () => {
    const visitor = lair.visitor()
    const url = await untilCallback(visitor)
    await visitor.ask(url.href)
    const before = tokenCalls
    expect((await visitor.ask(url.href)).location).toBe(`${lair.url}/lair?gate=1`)
    visitor.cookies.delete(SITE.slug)
    const page = await visitor.ask(url.href)
    expect(page.status).toBe(400)
    expect(page.text).toContain('Sign in again')
    expect(tokenCalls).toBe(before)
  })

  it('[33] cannot be told by a forged "used" cookie to leave our site', async () => {
    const visitor = await lair.signedIn()
    const url = await untilCallback(visitor, '/login?prompt=login')
    for (const [name] of visitor.cookies) {
      if (name.startsWith(`${SITE.slug}-sign-in.`))
        visitor.cookies.set(name, `used:${Buffer.from('//evil.example').toString('base64url')}`)
    }
    const before = tokenCalls
    expect((await visitor.ask(url.href)).location).toBe(`${lair.url}/lair`)
    expect(tokenCalls).toBe(before) // it was taken for used
  })

  it('[64] is not confused by cookies that look like those of a sign-in', async () => {
    for (const name of [`${SITE.slug}-sign-in`, `${SITE.slug}-sign-in.(0`, `${SITE.slug}-sign-in.x`]) {
      const visitor = lair.visitor()
      visitor.cookies.set(name, '%')
      expect([name, (await visitor.signIn(LION_O)).status]).toEqual([name, 200])
    }
  })

  it('[56] that fails late does not undo one that succeeded', async () => {
    const visitor = await lair.signedIn()
    const { href } = await untilCallback(visitor, '/login?prompt=login')
    const before = [...visitor.cookies].filter(([name]) => name.startsWith(`${SITE.slug}-sign-in`))
    expect((await visitor.ask(href)).status).toBe(302)
    for (const [name, value] of before) visitor.cookies.set(name, value) // as if both had left at once
    await lair.restart() // as if the second had come to another instance
    const late = await visitor.ask(href)
    expect(late.status).toBe(400)
    expect(late.setCookies.filter((cookie) => cookie.startsWith(`${SITE.slug}=`))).toEqual([])
    expect((await visitor.ask('/lair')).status).toBe(200)
  })

  it('sent again while the first is under way costs one call to Okta, and both arrive', async () => {
    const visitor = lair.visitor()
    const { href } = await untilCallback(visitor)
    await lair.okta.faults.on('token-slow')
    const before = tokenCalls
    const answers = await Promise.all([visitor.ask(href), visitor.ask(href), visitor.ask(href)])
    await lair.okta.faults.clear()
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 302])
    expect(tokenCalls - before).toBe(1)
    expect((await visitor.ask('/lair')).status).toBe(200)
  })

  it('[2] with a code that another browser is redeeming must show Okta its own PKCE verifier', async () => {
    const victim = lair.visitor()
    const { href } = await untilCallback(victim)
    const attacker = lair.visitor()
    const own = await untilCallback(attacker)
    own.searchParams.set('code', new URL(href).searchParams.get('code') ?? '')
    await lair.okta.faults.on('token-slow')
    const before = lair.okta.faults.asked.token
    const answers = await Promise.all([victim.ask(href), attacker.ask(own.href)])
    await lair.okta.faults.clear()
    expect(lair.okta.faults.asked.token - before).toBe(2)
    expect(answers[1]?.status).toBe(400)
    expectNoSession(attacker, answers[1] as Page)
  })

  it('sent again while the token endpoint fails is 503 each time, never 400', async () => {
    const visitor = lair.visitor()
    const { href } = await untilCallback(visitor)
    await lair.okta.faults.on('token-500')
    const answers = await Promise.all([visitor.ask(href), visitor.ask(href), visitor.ask(href)])
    await lair.okta.faults.clear()
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
  })

  it('never restarts a sign-in by itself', async () => {
    const visitor = lair.visitor()
    const url = await untilCallback(visitor)
    url.searchParams.set('code', 'made-up')
    const page = await visitor.ask(url.href)
    expect(page.location).toBeUndefined()
    expect(page.text).not.toMatch(/http-equiv="refresh"/)
  })

  it('[94] by POST is answered with 405', async () => {
    const visitor = lair.visitor()
    const url = await untilCallback(visitor)
    const form = Object.fromEntries(url.searchParams)
    expect((await visitor.ask('/callback', { method: 'post', form })).status).toBe(405)
  })

  it('[36] with a malformed Host is answered without a 5xx', async () => {
    for (const Host of ['a b', '%', '[', 'x:99999999', '[::1', 'a,b']) {
      const visitor = lair.visitor()
      const url = await untilCallback(visitor)
      const { status } = await visitor.ask(url.href, { headers: { Host } })
      expect([Host, status < 500]).toEqual([Host, true])
      expect((await lair.visitor().ask('/login', { headers: { Host } })).status).toBeLessThan(500)
    }
  })
})

describe('[29] the transaction cookie', () => {
  it('lives ten minutes and is gone after use', async () => {
    const visitor = lair.visitor()
    const { setCookies } = await visitor.ask('/login')
    expect(setCookies).toHaveLength(1)
    expect(setCookies[0]).toContain('; Max-Age=600;')
  })

  it('[28] stays under 4,096 bytes for any deep link, and the sign-in completes', async () => {
    const lengths = [1000, 1990, 2000, 3000, 6000]
    // A backslash stands twice in the JSON of the cookie.
    for (const [letter, length] of ['y', '\\'].flatMap((one) => lengths.map((n) => [one, n] as const))) {
      const visitor = lair.visitor()
      const path = `/lair?x=${letter.repeat(length)}`
      const page = await visitor.ask(path)
      expect(page.setCookies).toHaveLength(1)
      expect(page.setCookies[0]?.length).toBeLessThanOrEqual(4096)
      const end = await visitor.signIn(LION_O, path)
      expect([length, end.status, new URL(end.url).pathname]).toEqual([length, 200, '/lair'])
    }
  })

  it('[27] [45] of many tabs with long links stays within what Node accepts as headers', async () => {
    const visitor = lair.visitor()
    const tabs: Page[] = []
    for (let tab = 1; tab <= 6; tab++) tabs.push(await visitor.go(`/lair?tab=${tab}&x=${'y'.repeat(1900)}`))
    const header = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    expect(header.length).toBeLessThan(8 * 1024)
    const end = await visitor.pick(tabs.at(-1) as Page, LION_O)
    expect(end.url).toContain('tab=6')
  })
})

describe('Okta’s refusals', () => {
  it.each([
    ['access_denied', 'User is not assigned to the client application.', 403, 'not assigned'],
    [
      'access_denied',
      'Policy evaluation failed for this request, please check the policy configurations.',
      403,
      'policy',
    ],
    ['server_error', 'The requested feature is not enabled in this environment.', 400, 'does not offer'],
    ['access_denied', 'The user account is locked.', 403, 'locked'],
    ['access_denied', 'The resource owner or authorization server denied the request.', 400, 'said no'],
    [
      'login_required',
      'The client specified not to prompt, but the user is not logged in.',
      400,
      'session at Okta has expired',
    ],
    ['anything_else', 'Whatever this may be', 400, 'start over'],
  ])('%s "%s" becomes a %i page of its own', async (error, description, status, words) => {
    const visitor = lair.visitor()
    const url = await untilCallback(visitor)
    const query = {
      state: url.searchParams.get('state') ?? '',
      iss: lair.okta.issuer,
      error,
      error_description: description,
    }
    url.search = new URLSearchParams(query).toString()
    const page = await visitor.ask(url.href)
    expect(page.status).toBe(status)
    expect(page.text).toContain(words)
    expect(page.text).not.toContain(description)
    expect(page.text).toContain('href="/login?prompt=login">Use another account')
    expect(page.text.includes('Try again')).toBe(status === 400) // of no use against a refusal
    const [, reference] = /Reference <code>([\w-]+)/.exec(page.text) ?? []
    expect(lair.log.filter(({ requestId }) => requestId === reference).length).toBeGreaterThan(0)
  })

  it.each([
    ['development', true],
    ['production', false],
  ])('in %s show where to mend it in the Admin Console: %s', async (NODE_ENV, shown) => {
    await lair.restart({ NODE_ENV })
    const page = await lair.visitor().signIn('mumm-ra@thirdearth.example')
    await lair.restart()
    expect(page.text.includes('Applications &gt; Applications &gt; your app &gt; Assignments')).toBe(shown)
  })
})
