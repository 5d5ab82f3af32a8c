import { afterAll, describe, expect, it } from 'vitest'
import { startLocalOkta } from '../../local-okta/server.js'
import { SITE } from '../../src/site.js'
import { causes, expectUsual, rows, told, within10Seconds } from '../support/faults.js'
import type { Lair } from '../support/lair.js'
import { createLairs } from '../support/lairs.js'
import { lastKnown, switchOn } from '../support/last-known.js'
import type { Page } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'

/** So that all of them can wait at the same time. */
const lairs = createLairs()
const withLair = lairs.use
afterAll(lairs.close)

/** A sign-in, which may not get as far as the choice of a person at Okta, or not need it. */
async function attempt(lair: Lair, visitor = lair.visitor()): Promise<Page> {
  const page = await visitor.go('/lair')
  return page.text.includes('name="person"') ? visitor.pick(page, LION_O) : page
}

describe.concurrent('the Users API', () => {
  it.each([...rows('The Users API'), ...rows('Everything')])('%s', (fault, ...cells) =>
    lastKnown(lairs, fault, cells),
  )
})

describe.concurrent('the authorize endpoint', () => {
  it.each(rows('The authorize endpoint'))('%s', (fault, expected, code, remedy) =>
    withLair(async (lair, enter) => {
      const signedIn = await enter(CHEETARA)
      const from = await switchOn(lair, fault)
      const visitor = lair.visitor()
      const page = await attempt(lair, visitor)
      expect(told(page)).toBe(expected)
      if (expected !== 'refused by Okta') await expectUsual(page, [visitor])
      expect((await signedIn.ask('/lair')).status).toBe(200)
      const lines = lair.log.slice(from).filter((line) => 'code' in line)
      const line = expect.objectContaining({ code, remedy: expect.stringContaining(remedy ?? '') })
      expect(lines).toEqual(code === 'none' ? [] : [line])
      expect(causes(lair, from, fault)).toEqual([])

      await lair.okta.faults.clear()
      expect(told(await attempt(lair, visitor))).toBe('200')
    }),
  )
})

describe.concurrent('the token endpoint', () => {
  it.each(rows('The token endpoint'))('[98] %s', (fault, expected, cause) =>
    withLair(async (lair, enter) => {
      const signedIn = await enter(CHEETARA)
      const from = await switchOn(lair, fault)
      const visitor = lair.visitor()
      const begun = performance.now()
      const page = await visitor.signIn(LION_O, '/lair?gate=1')
      expect(performance.now() - begun).toBeLessThan(8000)
      expect(told(page)).toBe(expected)
      await expectUsual(page, [signedIn, visitor])
      if (expected !== '200') expect(page.text).toContain('href="/lair?gate=1">Try again')
      expect((await signedIn.ask('/lair')).status).toBe(200)

      await lair.okta.faults.clear()
      const again = await visitor.go('/lair?gate=1') // what the link does; the session at Okta is there already
      expect([again.status, again.url]).toEqual([200, `${lair.url}/lair?gate=1`])
      expect(causes(lair, from, fault)).toEqual(cause === 'none' ? [] : [cause, 'works'])
    }),
  )
})

describe.concurrent('discovery and signing keys', () => {
  it.each(rows('Discovery and signing keys'))('%s, later', (fault, later, _start, _missing, cause) =>
    withLair(async (lair, enter) => {
      const signedIn = await enter(CHEETARA)
      const from = await switchOn(lair, fault)
      lair.pass(601) // time to look again
      await attempt(lair)
      if (cause !== 'none') await within10Seconds(async () => causes(lair, from, fault).length > 0)
      const page = await attempt(lair)
      expect(told(page)).toBe(later)
      await expectUsual(page, [signedIn, lair.visitor()])

      await lair.okta.faults.clear()
      lair.pass(60)
      await within10Seconds(async () => told(await attempt(lair)) === '200')
      await within10Seconds(async () => cause === 'none' || causes(lair, from, fault).includes('works'))
      expect(causes(lair, from, fault)).toEqual(cause === 'none' ? [] : [cause, 'works'])
    }),
  )

  it.each(rows('Discovery and signing keys'))('%s, from the start', (fault, _later, start, missing) =>
    withLair(async (lair) => {
      await lair.okta.faults.on(fault)
      await lair.restart()
      const from = lair.log.length
      if (start !== '200') await within10Seconds(async () => causes(lair, from - 1, fault).length > 0)
      const begun = performance.now()
      const page = await attempt(lair)
      expect(told(page)).toBe(start)
      if (missing?.startsWith('discovery')) expect(performance.now() - begun).toBeLessThan(1000) // at once
      await expectUsual(page, [lair.visitor()])
      const ready = await lair.visitor().ask('/readyz')
      const expected = missing === 'nothing' ? [] : missing?.split(', ')
      expect(JSON.parse(ready.text)).toEqual({
        ready: missing === 'nothing',
        missing: expected,
        degraded: [],
      })
      expect(ready.status).toBe(missing === 'nothing' ? 200 : 503)

      await lair.okta.faults.clear()
      lair.pass(20)
      await within10Seconds(async () => (await lair.visitor().ask('/login')).status === 302)
      expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
      expect((await lair.visitor().ask('/readyz')).status).toBe(200)
    }),
  )

  it.each(
    rows('Discovery and signing keys').filter(
      ([fault, , start]) => fault.startsWith('keys') && start === '503',
    ),
  )('%s while Okta signs with a new key: 503, and the sign-in works afterwards', (fault) =>
    withLair(async (lair, enter) => {
      await enter() // the key until now is known
      await lair.okta.faults.on('keys-rotated')
      await lair.okta.faults.on(fault)
      const page = await lair.visitor().signIn(LION_O, '/lair?gate=1')
      expect(page.status).toBe(503)
      await expectUsual(page, [])
      await lair.okta.faults.clear()
      expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
    }),
  )
})

describe.concurrent('accounts', () => {
  // The app waits 2 s for Okta. A busy machine may take as long for an answer that is not slow: hence the retry.
  it.each(rows('Accounts'))('[57] %s', { retry: 1 }, (fault, signedIn, signingIn) =>
    withLair(async (lair, enter) => {
      const visitor = await enter()
      await lair.okta.faults.on(fault, LION_O)
      lair.pass(60)
      const page = await visitor.ask('/lair')
      expect(told(page)).toBe(signedIn)
      expect(visitor.cookies.has(SITE.slug)).toBe(signedIn === '200')
      await expectUsual(page, [visitor])
      expect(told(await lair.visitor().signIn(LION_O))).toBe(signingIn)
      expect(told(await lair.visitor().signIn(CHEETARA))).toBe('200')
      await lair.okta.faults.clear()
      expect(told(await lair.visitor().signIn(LION_O))).toBe('200')
    }),
  )
})

describe.concurrent('clocks', () => {
  it.each(rows('Clocks'))('%s', (fault, expected, cause) =>
    withLair(async (lair, enter) => {
      const signedIn = await enter(CHEETARA)
      const from = await switchOn(lair, fault)
      const page = await lair.visitor().signIn(LION_O)
      expect(told(page)).toBe(expected)
      if (expected === '400') expect(page.text).toContain('clock')
      await expectUsual(page, [signedIn])
      await lair.okta.faults.clear()
      expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
      expect(causes(lair, from, fault)).toEqual([cause, 'works'])
    }),
  )
})

it('the tables name every fault of the local Okta that the app can meet, once', async () => {
  const okta = await startLocalOkta()
  const inTables = [
    'The Users API',
    'The groups of a person',
    'The authorize',
    'Service-app',
    'The token',
    'Discovery',
    'Accounts',
    'Clocks',
    'Everything',
  ].flatMap(rows)
  const met = okta.faults.list.filter(({ group }) => group !== 'management')
  expect(inTables.map(([fault]) => fault).sort()).toEqual(met.map(({ name }) => name).sort())
  await okta.close()
})
