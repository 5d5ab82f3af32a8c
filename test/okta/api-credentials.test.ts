import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ServiceApp } from '../../local-okta/service-app.js'
import { newKey } from '../../local-okta/service-app.js'
import { loadConfig } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { createApiCredentials } from '../../src/okta/api-credentials.js'
import { within10Seconds } from '../support/faults.js'
import { asServiceApp, environmentFor, type Lair, startLair } from '../support/lair.js'
import type { Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'

let lair: Lair
let original: ServiceApp
beforeAll(async () => {
  lair = await startLair((okta) => ({ ...asServiceApp(okta), NODE_ENV: 'development' }))
  original = { ...lair.okta.serviceApp }
})
afterEach(async () => {
  lair.okta.rewrite = undefined
  Object.assign(lair.okta.serviceApp, original)
  await lair.okta.faults.clear()
  await lair.restart()
})
afterAll(() => lair.close())

const asked = () => ({ ...lair.okta.faults.asked })
/** A page; a second has passed since the last one, so that the app may ask Okta again. */
const isWell = async (visitor: Visitor) => {
  lair.pass(1)
  const page = await visitor.ask('/lair')
  return page.status === 200 && !page.text.includes('Okta cannot be asked')
}
const linesAbout = (dependency: string, from: number) =>
  lair.log.slice(from).filter((line) => line.dependency === dependency)

/** What an administrator has got wrong at Okta; the fields of the log that name it; and words of the remedy. */
const WRONG: [what: string, at: Partial<ServiceApp> | string, oauthError: string, remedy: RegExp][] = [
  ['another key', { privateKey: newKey() }, 'invalid_client', /public key of OKTA_API_PRIVATE_KEY/],
  [
    'another client ID',
    { clientId: '0oaOther' },
    'invalid_client',
    /General tab must have OKTA_API_CLIENT_ID/,
  ],
  ['no scope', { scopes: [] }, 'invalid_scope', /Grant the scope okta\.users\.read/],
  [
    'DPoP',
    'credentials-dpop-required',
    'invalid_dpop_proof',
    /Switch off "Proof of possession: Require .*DPoP.* in token requests".*General tab/,
  ],
]

describe('a service app for which Okta has', () => {
  it.each(WRONG)(
    '[106] %s: 503 with the remedy, one line, and all is well without a restart',
    async (...row) => {
      const [, at, oauthError, remedy] = row
      if (typeof at === 'string') await lair.okta.faults.on(at)
      else Object.assign(lair.okta.serviceApp, at)
      const from = lair.log.length
      await lair.restart()
      await lair.ready()
      const visitor = lair.visitor()
      const page = await visitor.signIn(LION_O)
      expect(page.status).toBe(503)
      expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
      expect(page.text).toContain('Okta turns this app away')
      expect(page.text.replaceAll('&#34;', '"')).toMatch(remedy) // only in development
      expect((await visitor.ask('/')).text).toContain('Welcome back, Lion-O')
      for (let again = 0; again < 20; again++) expect((await visitor.ask('/lair')).status).toBe(503)
      for (const dependency of ['access token', 'Users API'])
        expect(linesAbout(dependency, from)).toEqual([
          expect.objectContaining({
            level: 'error',
            cause: 'api-credentials',
            oauthError,
            remedy: expect.stringMatching(remedy),
          }),
        ])

      Object.assign(lair.okta.serviceApp, original)
      await lair.okta.faults.clear()
      await within10Seconds(() => isWell(visitor))
    },
  )
})

describe('the log', () => {
  it('has another line if Okta refuses for another reason', async () => {
    const visitor = await lair.signedIn()
    const from = lair.log.length
    lair.okta.serviceApp.revokeTokens()
    for (const fault of ['credentials-invalid-scope', 'credentials-dpop-required']) {
      await lair.okta.faults.on(fault)
      lair.pass(400)
      expect((await visitor.ask('/lair')).status).toBe(503)
    }
    const errors = linesAbout('access token', from).map(({ oauthError }) => oauthError)
    expect(errors).toEqual(['invalid_scope', 'invalid_dpop_proof'])
  })
})

describe('a call', () => {
  it.each([
    ['1.5 s for a token, if nothing ends it before', 5000, 2200],
    ['as long as its caller allows', 300, 1000],
  ])('waits %s', async (_what, allowedMs, mostMs) => {
    await lair.okta.faults.on('credentials-hangs')
    const config = loadConfig({ ...environmentFor(lair.okta), ...asServiceApp(lair.okta) })
    const credentials = createApiCredentials(config, createLog({ logLevel: 'silent' }), () => Date.now())
    const begun = performance.now()
    const call = credentials.fetch(`${lair.okta.orgUrl}/api/v1/users/me`, {}, AbortSignal.timeout(allowedMs))
    await expect(call).rejects.toMatchObject({ name: 'OktaFailure', kind: 'timeout' })
    expect(performance.now() - begun).toBeLessThan(mostMs)
    credentials.close()
  })
})

describe('a service app without the right to read users', () => {
  it('is a failure whose remedy names the scope and the role', async () => {
    const from = lair.log.length
    await lair.okta.faults.on('users-right-missing')
    expect((await lair.visitor().signIn(LION_O)).status).toBe(503)
    const [line] = linesAbout('Users API', from)
    expect(line).toMatchObject({ level: 'error', cause: 'api-scope', status: 403 })
    expect(line?.remedy).toMatch(/okta\.users\.read.*Read-only Administrator/)
    expect(line?.remedy).not.toContain('OKTA_AUTH_TOKEN')
  })
})

describe('a token that Okta does not accept any more', () => {
  it('is replaced at once, once for everybody, and no page shows it', async () => {
    const visitors = [await lair.signedIn(), await lair.signedIn(CHEETARA)]
    const from = lair.log.length
    const before = asked()
    lair.okta.serviceApp.revokeTokens()
    lair.pass(61)
    expect(await Promise.all(visitors.map(isWell))).toEqual([true, true])
    expect(asked().credentials - before.credentials).toBe(1)
    expect(lair.log.slice(from).filter(({ dependency }) => dependency)).toEqual([])
  })

  it('is replaced once only, if Okta does not accept the next one, either', async () => {
    const visitor = await lair.signedIn()
    const before = asked()
    await lair.okta.faults.on('credentials-token-refused')
    lair.pass(400)
    for (let page = 0; page < 20; page++) expect((await visitor.ask('/lair')).status).toBe(503)
    expect(asked().credentials - before.credentials).toBe(1)
    await lair.okta.faults.clear()
    await within10Seconds(() => isWell(visitor))
  })
})

describe('a rate limit of the token endpoint', () => {
  it('pauses all requests until its reset; then they go on', async () => {
    await lair.okta.faults.on('credentials-rate-limited')
    await lair.restart()
    const visitor = lair.visitor()
    const page = await visitor.signIn(LION_O)
    expect([page.status, Number(page.headers['retry-after'])]).toEqual([503, expect.closeTo(20, -1)])
    const before = asked()
    lair.pass(17)
    for (let turn = 0; turn < 20; turn++) expect((await visitor.ask('/lair')).status).toBe(503)
    expect(asked()).toEqual(before)
    await lair.okta.faults.clear()
    lair.pass(5)
    expect(await isWell(visitor)).toBe(true)
  })
})
