import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { SITE } from '../../src/site.js'
import { type Lair, startLair } from '../support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterEach(async () => {
  await lair.okta.up()
  await lair.restart() // knows nobody any more
})
afterAll(() => lair.close())

/** Another host than Okta's. @returns its address */
async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

describe('when Okta cannot be reached', () => {
  it('/ stays up, and greets a signed-in person by the ID token', async () => {
    const visitor = await lair.signedIn()
    await lair.okta.down()
    lair.pass(400)
    expect((await lair.visitor().ask('/')).status).toBe(200)
    const page = await visitor.ask('/')
    expect(page.status).toBe(200)
    expect(page.text).toContain('Welcome back, Lion-O')
    expect(page.text).toContain('profile is unavailable')
  })

  it('/lair says 503 with Retry-After to a signed-in person, who stays signed in', async () => {
    const visitor = await lair.signedIn()
    await lair.okta.down()
    lair.pass(400)
    const from = lair.log.length
    const page = await visitor.ask('/lair?gate=1')
    expect(page.status).toBe(503)
    expect(page.headers['retry-after']).toMatch(/^\d+$/)
    expect(page.text).toContain('href="/lair?gate=1">Try again')
    expect(visitor.cookies.has(SITE.slug)).toBe(true)
    const lines = lair.log.slice(from)
    expect(lines.filter(({ dependency }) => dependency === 'Users API')).toHaveLength(1)
  })

  it.each(['/login', '/lair?gate=1'])(
    '%s says 503 to a stranger, with a link that tries again',
    async (path) => {
      await lair.okta.down()
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
      await lair.okta.down()
      if (restart) await lair.restart()
      const page = await visitor.go('/logout', { method })
      expect(new URL(page.url).pathname).toBe('/')
      expect(page.text).toContain('your session there may live on')
      expect(visitor.cookies.has(SITE.slug)).toBe(false)
    },
  )

  it.each([
    ['401: a wrong API token', async () => ({ OKTA_AUTH_TOKEN: 'wrong' })],
    [
      '404 without Okta’s error code: another host',
      async () => ({ OKTA_ORG_URL: await serve((_req, res) => void res.writeHead(404).end()) }),
    ],
  ])('[97] never hands on the status of the Users API (%s)', async (_what, changes) => {
    await lair.restart({ OKTA_ISSUER: lair.okta.issuer, ...(await changes()) })
    const page = await lair.visitor().signIn('lion-o@thundera.example')
    expect(page.status).toBe(503)
    expect(page.headers['retry-after']).toMatch(/^\d+$/)
  })

  it('[26] [86] follows no redirect of the authorization server, and tells it no versions', async () => {
    let reached = 0
    const target = await serve((_req, res) => void res.end(String(++reached)))
    let told: IncomingHttpHeaders = {}
    const OKTA_ISSUER = await serve((req, res) => {
      told = req.headers
      res.writeHead(302, { Location: `${target}/` }).end()
    })
    await lair.restart({ OKTA_ISSUER })
    expect((await lair.visitor().ask('/login')).status).toBe(503)
    expect(reached).toBe(0)
    expect([told['user-agent'], told['auth0-client']]).toEqual([SITE.slug, undefined])
  })

  it('the callback says 503 and keeps where the person wanted to go', async () => {
    const visitor = lair.visitor()
    const callback = await visitor.untilCallback('lion-o@thundera.example', '/lair?gate=west')
    await lair.okta.down()
    const page = await visitor.ask(callback.href)
    expect(page.status).toBe(503)
    expect(page.text).toContain('href="/lair?gate=west">Try again')
  })
})
