import { afterAll, describe, expect, it } from 'vitest'
import { SITE } from '../../src/site.js'
import { within10Seconds } from '../support/faults.js'
import { createLairs } from '../support/lairs.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'

const lairs = createLairs()
afterAll(lairs.close)

const isLastKnown = (text: string) => text.includes('Okta cannot be asked just now')

/** The tests that wait do so at the same time. */
describe.concurrent('when nobody listens where Okta should be', () => {
  it('[116] from the start: the app runs, says what is missing, and works as soon as Okta does', () =>
    lairs.use(async (lair) => {
      await lair.okta.down()
      await lair.restart()
      const from = lair.log.length
      expect((await lair.visitor().ask('/')).status).toBe(200)
      expect((await lair.visitor().ask('/healthz')).status).toBe(200)
      const ready = await lair.visitor().ask('/readyz')
      expect(ready.status).toBe(503)
      expect(JSON.parse(ready.text).missing).toEqual(['discovery', 'signing keys'])
      expect(ready.setCookies).toEqual([])

      const statuses = await Promise.all(Array.from({ length: 20 }, () => lair.visitor().ask('/login')))
      expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([503]))
      const told = lair.log.slice(from).filter(({ dependency }) => dependency === 'discovery')
      expect(told).toHaveLength(1)

      await lair.okta.up()
      await within10Seconds(async () => (await lair.visitor().ask('/readyz')).status === 200)
      expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
    }))

  it('later: whoever is signed in stays so, and sees the last-known profile', () =>
    lairs.use(async (lair, enter) => {
      const visitor = await enter()
      await lair.okta.down()
      lair.pass(61)
      const page = await visitor.ask('/lair')
      expect([page.status, isLastKnown(page.text)]).toEqual([200, true])
      await lair.okta.up()
      await within10Seconds(async () => !isLastKnown((await visitor.ask('/lair')).text))
    }))

  it.each(['no.such.host.invalid', '127.0.0.1:9'])('%s for the Users API alone: 503, and / works', (host) =>
    lairs.use(async (lair) => {
      const protocol = host.startsWith('127') ? 'http' : 'https'
      await lair.restart({ OKTA_ISSUER: lair.okta.issuer, OKTA_ORG_URL: `${protocol}://${host}` })
      const visitor = lair.visitor()
      expect((await visitor.signIn(LION_O)).status).toBe(503)
      expect((await visitor.ask('/')).text).toContain('Welcome back, Lion-O')
    }),
  )
})

describe('what was good last', () => {
  it('serves for a day of outage, and no longer', () =>
    lairs.use(async (lair) => {
      await lair.ready()
      for (const dependency of ['discovery', 'keys']) await lair.okta.faults.on(`${dependency}-500`)
      lair.pass(24 * 3600 - 60)
      expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
      expect((await lair.visitor().ask('/readyz')).status).toBe(200)
      lair.pass(120)
      expect((await lair.visitor().ask('/login')).status).toBe(503)
      expect((await lair.visitor().ask('/readyz')).status).toBe(503)
    }))
})

describe('a restart', () => {
  it('in the middle of a sign-in: the sign-in completes', () =>
    lairs.use(async (lair) => {
      const visitor = lair.visitor()
      const signInPage = await visitor.go('/lair?gate=1')
      await lair.restart()
      const page = await visitor.pick(signInPage, LION_O)
      expect([page.status, page.url]).toEqual([200, `${lair.url}/lair?gate=1`])
    }))
})

describe.concurrent('a person suspended during an outage', () => {
  it('is out as soon as Okta can be asked again, with nobody looking meanwhile', () =>
    lairs.use(async (lair, enter) => {
      const visitor = await enter(CHEETARA)
      await lair.okta.faults.on('users-500')
      lair.pass(61)
      for (let page = 0; page < 3; page++) expect((await visitor.ask('/lair')).status).toBe(200)
      await lair.okta.faults.on('account-suspended', CHEETARA)
      await lair.okta.faults.off('users-500')
      const asked = lair.okta.faults.asked.users
      await within10Seconds(async () => lair.okta.faults.asked.users > asked)
      await within10Seconds(async () => (await visitor.ask('/lair')).status === 403)
      expect(visitor.cookies.has(SITE.slug)).toBe(false)
    }))
})

describe('one person’s record that Okta cannot tell', () => {
  it('is nobody else’s trouble', () =>
    lairs.use(async (lair, enter) => {
      const [lionO, cheetara] = [await enter(), await enter(CHEETARA)]
      await lair.okta.faults.on('users-500', LION_O)
      for (let turn = 0; turn < 5; turn++) {
        lair.pass(61)
        expect(isLastKnown((await lionO.ask('/lair')).text)).toBe(true)
        expect(isLastKnown((await cheetara.ask('/lair')).text)).toBe(false)
      }
    }))
})

describe('the log', () => {
  it('tells of an outage once, however many pages it costs, and holds no secret of Okta’s', () =>
    lairs.use(async (lair, enter) => {
      const visitor = await enter()
      await lair.okta.faults.on('users-token-revoked')
      lair.pass(400)
      const from = lair.log.length
      for (let page = 0; page < 100; page++) expect((await visitor.ask('/lair')).status).toBe(503)
      const lines = lair.log.slice(from)
      expect(lines.filter(({ dependency }) => dependency === 'Users API')).toEqual([
        expect.objectContaining({ level: 'error', cause: 'api-token', status: 401 }),
      ])
      expect(lines.filter(({ msg }) => msg === 'answered 503')).toHaveLength(100) // each page's reference can be found
      expect(JSON.stringify(lines)).not.toContain(lair.okta.apiToken)
    }))
})
