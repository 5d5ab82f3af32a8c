import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { createOktaSessions } from '../../src/okta/okta-sessions.js'
import { SITE } from '../../src/site.js'
import { asServiceApp, environmentFor, type Lair, startLair } from '../support/lair.js'
import { management } from '../support/management.js'
import { startOrg } from '../support/service-app.js'
import type { Page, Visitor } from '../support/visitor.js'

const CHEETARA = 'cheetara@thundera.example'
const LION_O = '00u00000000000000001'
const READ = ['okta.users.read']
const LIVES_ON = 'in other browsers they live on'

const isIn = async (visitor: Visitor) => (await visitor.ask('/lair')).status === 200
/** Whether Okta still has a session of this browser: then it asks nobody who they are. */
const isInAtOkta = async (visitor: Visitor) => !(await visitor.go('/lair')).text.includes('name="person"')
const press = (visitor: Visitor, headers = {}): Promise<Page> =>
  visitor.ask('/logout/everywhere', { method: 'post', headers })

/** Lion-O signs out everywhere. @returns the page on which he lands, and whether Okta's session of his other browser lives */
async function signOutEverywhere(lair: Lair) {
  const [one, other] = [await lair.signedIn(), await lair.signedIn()]
  const cheetara = await lair.signedIn(CHEETARA)
  const from = lair.log.length
  const page = await press(one)
  expect([page.status, page.headers['clear-site-data']]).toEqual([303, '"cache", "storage"'])
  const landing = await one.go(String(page.location))
  expect([landing.status, new URL(landing.url).pathname]).toEqual([200, '/'])
  expect(await Promise.all([one, other].map(isIn))).toEqual([false, false])
  expect(await isInAtOkta(one)).toBe(false)
  expect(await isIn(cheetara)).toBe(true)
  cheetara.cookies.delete(SITE.slug)
  expect(await isInAtOkta(cheetara)).toBe(true)
  const otherLives = await isInAtOkta(other)
  expect(await isIn(await lair.signedIn())).toBe(true) // begun since: it stays
  const lines = lair.log.slice(from).filter(({ msg }) => /everywhere|live on/.test(String(msg)))
  expect(lines.map(({ msg, subject }) => [msg, subject])).toEqual([
    ['signed out everywhere', LION_O],
    [otherLives ? 'the sessions at Okta live on' : 'signed out everywhere at Okta', LION_O],
  ])
  return { landing, otherLives, line: lines[1] }
}

describe('POST /logout/everywhere, with an API token', () => {
  let lair: Lair
  beforeAll(async () => {
    lair = await startLair()
  })
  afterEach(async () => {
    lair.okta.rewrite = undefined
    await lair.okta.faults.clear()
  })
  afterAll(() => lair.close())

  it('ends all sessions of the person, here and at Okta, and nobody else’s', async () => {
    const { landing, otherLives, line } = await signOutEverywhere(lair)
    expect([otherLives, line?.way]).toEqual([false, 'sessions cleared'])
    expect(landing.text).not.toContain(LIVES_ON)
  })

  it('is a button of the lair', async () => {
    const { text } = await (await lair.signedIn()).ask('/lair')
    expect(text).toMatch(
      /<form[^>]* method="post" action="\/logout\/everywhere"><button type="submit">Sign out everywhere</,
    )
  })

  it('says that Okta’s sessions live on, if the token may not end them', async () => {
    await lair.okta.faults.on('management-token-not-admin')
    const { landing, otherLives, line } = await signOutEverywhere(lair)
    expect(otherLives).toBe(true)
    expect(landing.text).toContain(LIVES_ON)
    expect(line).toMatchObject({ cause: 'api-scope', status: 403, remedy: expect.stringContaining('docs/') })
  })

  it.each(['management-hangs', 'management-drops', 'management-500', 'management-redirects'])(
    'ends the sessions here whatever Okta does, within 3 s (%s)',
    async (fault) => {
      const [one, other] = [await lair.signedIn(), await lair.signedIn()]
      await lair.okta.faults.on(fault)
      const begun = performance.now()
      const page = await press(one)
      expect(performance.now() - begun).toBeLessThan(3000)
      expect((await one.go(String(page.location))).text).toContain(LIVES_ON)
      expect(await Promise.all([one, other].map(isIn))).toEqual([false, false])
    },
  )

  it('lands on the page with the usual note while Okta is down', async () => {
    const one = await lair.signedIn()
    await lair.okta.faults.on('org-down')
    expect((await press(one)).location).toBe(`${lair.url}/`)
    expect(await isIn(one)).toBe(false)
  })

  it('asks Okta to forget no device, as the API reference has it', async () => {
    const config = { ...environmentFor(lair.okta), OKTA_ISSUER: lair.okta.issuer }
    const log = createLog({ logLevel: 'silent' })
    const { OKTA_ORG_URL, heard } = await startOrg(lair.okta)
    const byToken = createOktaSessions(loadConfig({ ...config, OKTA_ORG_URL }), log)
    const byApp = createOktaSessions(loadConfig({ ...config, ...asServiceApp(lair.okta), OKTA_ORG_URL }), log)
    expect([await byToken.endAll(LION_O, ''), await byApp.endAll(LION_O, '')]).toEqual([true, true])
    const [cleared, token, revoked] = heard
    expect([cleared?.url, cleared?.headers.authorization]).toEqual([
      `/api/v1/users/${LION_O}/sessions?oauthTokens=true&forgetDevices=false`,
      `SSWS ${lair.okta.apiToken}`,
    ])
    expect(new URLSearchParams(token?.body).get('scope')).toBe('okta.universalLogout.manage')
    expect([revoked?.url, revoked?.headers.authorization]).toEqual([
      '/oauth2/v1/global-token-revocation',
      'Bearer the-token',
    ])
    expect(JSON.parse(String(revoked?.body))).toEqual({ sub_id: { format: 'opaque', id: LION_O } })
  })

  it('takes no request of another site, and no GET; a stranger goes to the entrance', async () => {
    const visitor = await lair.signedIn()
    for (const site of ['cross-site', 'same-site'])
      expect((await press(visitor, { 'Sec-Fetch-Site': site })).status).toBe(403)
    expect((await press(visitor, { Origin: 'https://evil.example' })).status).toBe(403)
    const page = await visitor.ask('/logout/everywhere')
    expect([page.status, page.headers.allow]).toEqual([405, 'POST'])
    expect(await isIn(visitor)).toBe(true)
    expect(await press(lair.visitor())).toMatchObject({ status: 303, location: `${lair.url}/` })
  })
})

describe('POST /logout/everywhere, with a service app', () => {
  let lair: Lair
  beforeAll(async () => {
    lair = await startLair(asServiceApp)
    const { clientId } = lair.okta.serviceApp
    await management(lair.okta)('POST', `/oauth2/v1/clients/${clientId}/roles`, { type: 'USER_ADMIN' })
  })
  afterAll(() => lair.close())

  it.each([
    ['by global token revocation', ['okta.universalLogout.manage'], 'global token revocation'],
    [
      'by global token revocation, if both are granted',
      ['okta.users.manage', 'okta.universalLogout.manage'],
      'global token revocation',
    ],
    ['by clearing the sessions', ['okta.users.manage'], 'sessions cleared'],
  ])('ends the sessions at Okta %s', async (_how, scopes, way) => {
    lair.okta.serviceApp.scopes = [...READ, ...scopes]
    const { landing, otherLives, line } = await signOutEverywhere(lair)
    expect([otherLives, line?.way]).toEqual([false, way])
    expect(landing.text).not.toContain(LIVES_ON)
  })

  it('says that they live on, if neither right is granted; asks for a right only then, and reads users as before', async () => {
    lair.okta.serviceApp.scopes = READ
    const { credentials } = lair.okta.faults.asked
    await lair.signedIn()
    expect(lair.okta.faults.asked.credentials).toBe(credentials)
    const { landing, otherLives, line } = await signOutEverywhere(lair)
    expect(otherLives).toBe(true)
    expect(landing.text).toContain(LIVES_ON)
    expect(line).toMatchObject({ cause: 'api-credentials', oauthError: 'invalid_scope' })
    expect(lair.okta.faults.asked.credentials - credentials).toBe(2)
  })

  it('ends the sessions here within 3 s while Okta gives no token', async () => {
    const one = await lair.signedIn()
    await lair.okta.faults.on('credentials-hangs')
    const begun = performance.now()
    await press(one)
    expect(performance.now() - begun).toBeLessThan(3000)
    expect(await isIn(one)).toBe(false)
    await lair.okta.faults.clear()
  })
})
