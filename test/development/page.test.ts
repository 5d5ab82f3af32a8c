import { afterAll, beforeAll, expect, it } from 'vitest'
import { createJournal, masked } from '../../development/journal.js'
import { developmentPage, PATH } from '../../development/page.js'
import { createLog } from '../../src/log.js'
import { startServer } from '../../src/server.js'
import { type Lair, SECRET_KEY, startLair } from '../support/lair.js'
import { cookieSecret } from '../support/sessions.js'

let lair: Lair
beforeAll(async () => {
  const journal = createJournal()
  lair = await startLair(
    { LAIR_GROUPS: 'Lair keepers' },
    {
      startServer: ({ config, log, ...options }) =>
        startServer({
          config,
          log: createLog(config, {
            write: (line) => {
              journal.line(line)
              log.info(JSON.parse(line))
            },
          }),
          first: developmentPage(config, journal),
          ...options,
        }),
    },
  )
})
afterAll(() => lair.close())

it('the landing page leads to it', async () => {
  expect((await lair.visitor().ask('/')).text).toContain(`href="${PATH}"`)
})

it('tells a sign-in step by step: what the app asked Okta, what came back, what was decided', async () => {
  await lair.signedIn()
  const { text } = await lair.visitor().ask(PATH)
  expect(text).toMatch(/GET \/callback\?code=…&amp;state=…/)
  expect(text).toMatch(
    /The app asked Okta: <code>POST http:\/\/localhost:\d+\/oauth2\/default\/v1\/token<\/code>. Okta answered 200 after \d+ ms/,
  )
  expect(text).toContain('The log says: signed in')
  expect(text).toMatch(/The app answered 302 after \d+ ms, and sent the browser to <code>\/lair<\/code>/)
  expect(text).toMatch(
    /sent the browser to <code>[^<]*\/authorize\?[^<]*scope=openid profile email[^<]*client_id=0oa/,
  )
})

it('is not there for a page of another site', async () => {
  expect((await lair.visitor().ask(PATH, { headers: { Host: 'evil.example' } })).status).toBe(404)
})

it('tells why one failed', async () => {
  await lair.okta.faults.on('token-invalid-client')
  await lair.visitor().signIn('lion-o@thundera.example')
  await lair.okta.faults.clear()
  const { text } = await lair.visitor().ask(PATH)
  expect(text).toMatch(/Okta answered 401/)
  expect(text).toMatch(/client-credential/)
  expect(text).toMatch(/OKTA_CLIENT_SECRET/)
})

it('tells who was refused for want of a group, and where to put the person into it', async () => {
  await lair.visitor().signIn('cheetara@thundera.example')
  const { text } = await lair.visitor().ask(PATH)
  expect(text).toContain('Directory &gt; Groups &gt; “Lair keepers” &gt; Assign people')
  expect(text).toContain('<td>Lair keepers</td>')
})

it('[138] shows every setting with its source, and no secret, code, state or token', async () => {
  const visitor = await lair.signedIn()
  const { text } = await lair.visitor().ask(PATH)
  expect(text).toMatch(/<code>SESSION_IDLE_SECONDS<\/code><\/td><td>3600<\/td><td>default/)
  expect(text).toContain(`<code>${lair.url}/callback</code>`)
  const { clientSecret, apiToken } = lair.okta
  const cookies = [...visitor.cookies.values()]
  for (const secret of [clientSecret, apiToken, SECRET_KEY, cookieSecret(lair), ...cookies])
    expect(text).not.toContain(secret)
  expect(text).not.toMatch(/(state|code|nonce|id_token_hint|code_challenge)=(?!…)/)
})

it('masks what a URL may carry', () => {
  expect(masked('/callback?code=abc&state=def&error=access_denied')).toBe(
    '/callback?code=…&state=…&error=access_denied',
  )
  expect(masked('/login?error=a?b&prompt=login')).toBe('/login?error=a?b&prompt=login')
})
