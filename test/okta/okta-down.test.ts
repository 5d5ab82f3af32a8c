import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'

let lair: Lair
beforeEach(async () => {
  lair = await startLair({ SESSION_IDLE_SECONDS: '3600' })
})
afterEach(() => lair.close())

describe('when Okta cannot be reached', () => {
  it('/ stays up, and greets a signed-in person by the ID token', async () => {
    const visitor = await lair.signedIn()
    await lair.okta.close()
    lair.pass(400)
    expect((await lair.visitor().ask('/')).status).toBe(200)
    const page = await visitor.ask('/')
    expect(page.status).toBe(200)
    expect(page.text).toContain('Welcome back, Lion-O')
    expect(page.text).toContain('profile is unavailable')
  })

  it('/lair says 503 with Retry-After to a signed-in person, who stays signed in', async () => {
    const visitor = await lair.signedIn()
    await lair.okta.close()
    lair.pass(400)
    const page = await visitor.ask('/lair?gate=1')
    expect(page.status).toBe(503)
    expect(page.headers['retry-after']).toMatch(/^\d+$/)
    expect(page.text).toContain('href="/lair?gate=1">Try again')
    expect(visitor.cookies.has('lair')).toBe(true)
    expect(lair.log.filter(({ dependency }) => dependency === 'Users API')).toHaveLength(1)
  })

  it.each(['/login', '/lair?gate=1'])(
    '%s says 503 to a stranger, with a link that tries again',
    async (path) => {
      await lair.okta.close()
      await lair.restart()
      const page = await lair.visitor().ask(path)
      expect(page.status).toBe(503)
      expect(page.headers['retry-after']).toMatch(/^\d+$/)
      expect(page.text).toContain(`href="${path}">Try again`)
      expect(page.setCookies).toEqual([])
    },
  )

  it.each([
    ['GET', 'get', false],
    ['POST', 'post', false],
    ['GET after a restart, when nothing is known of Okta', 'get', true],
    ['POST after a restart', 'post', true],
  ] as const)(
    '[70] /logout by %s ends the session here and says that the one at Okta may live on',
    async (_what, method, restart) => {
      const visitor = await lair.signedIn()
      await lair.okta.close()
      if (restart) await lair.restart()
      const page = await visitor.go('/logout', { method })
      expect(new URL(page.url).pathname).toBe('/')
      expect(page.text).toContain('your session there may live on')
      expect(visitor.cookies.has('lair')).toBe(false)
    },
  )

  it.each([
    ['401: a wrong API token', { OKTA_AUTH_TOKEN: 'wrong' }],
    ['404 without Okta’s error code: another host', { OKTA_ORG_URL: 'http://localhost:1' }],
  ])('[97] never hands on the status of the Users API (%s)', async (_what, env) => {
    const other = await startLair((okta) => ({ OKTA_ISSUER: okta.issuer, ...env }))
    const page = await other.visitor().signIn('lion-o@thundera.example')
    await other.close()
    expect(page.status).toBe(503)
    expect(page.headers['retry-after']).toMatch(/^\d+$/)
  })

  it('[26] [86] follows no redirect of the authorization server, and tells it no versions', async () => {
    let reached = 0
    const target = createServer((_req, res) => void res.end(String(++reached))).listen(0, '127.0.0.1')
    await once(target, 'listening')
    const location = `http://localhost:${(target.address() as AddressInfo).port}/`
    let told: IncomingHttpHeaders = {}
    const redirecting = createServer((req, res) => {
      told = req.headers
      res.writeHead(302, { Location: location }).end()
    })
    redirecting.listen(0, '127.0.0.1')
    await once(redirecting, 'listening')
    const OKTA_ISSUER = `http://localhost:${(redirecting.address() as AddressInfo).port}`
    const other = await startLair({ OKTA_ISSUER })
    expect((await other.visitor().ask('/login')).status).toBe(503)
    expect(reached).toBe(0)
    expect([told['user-agent'], told['auth0-client']]).toEqual(['thundercats-lair', undefined])
    await other.close()
    target.close()
    redirecting.close()
  })

  it('the callback says 503 and keeps where the person wanted to go', async () => {
    const visitor = lair.visitor()
    const signInPage = await visitor.go('/lair?gate=west')
    let page = await visitor.ask(signInPage.url, {
      method: 'post',
      form: { person: 'lion-o@thundera.example' },
    })
    while (!page.location?.startsWith(lair.url)) page = await visitor.ask(page.location ?? '')
    await lair.okta.close()
    page = await visitor.ask(page.location)
    expect(page.status).toBe(503)
    expect(page.text).toContain('href="/lair?gate=west">Try again')
  })
})
