import { afterAll, describe, expect, it } from 'vitest'
import { FAULTS } from '../../local-okta/fault-list.js'
import { SITE } from '../../src/site.js'
import { rows, told, within10Seconds } from '../support/faults.js'
import { random } from '../support/generators.js'
import type { Lair } from '../support/lair.js'
import { createLairs } from '../support/lairs.js'

const LION_O = 'lion-o@thundera.example'
const SEED = 20181128
const PAIRS = 30

function pairs(): [string, string][] {
  const next = random(SEED)
  const pick = () => FAULTS[Math.floor(next() * FAULTS.length)]?.name ?? ''
  return Array.from({ length: PAIRS }, () => {
    const first = pick()
    let second = pick()
    while (second === first) second = pick()
    return [first, second]
  })
}

/** What the tables of docs/faults.md say of two faults at once. Of two that concern the same answer the later counts. */
function expected(names: string[]): { known: string; signingIn: string } {
  const cell = (heading: string, column: number, among = names) => {
    const found = among.map((name) => rows(heading).find(([fault]) => fault === name)?.[column])
    return found.findLast((text) => text !== undefined) ?? '200'
  }
  const whole = cell('Everything', 1)
  const users = whole === '200' ? cell('The Users API', 1) : whole
  const account = { known: cell('Accounts', 1), signingIn: cell('Accounts', 2) }
  // While the Users API fails the app cannot know of a verdict.
  const known = users === '200' ? account.known : users
  // A key is looked up at once only if it is new: then it is as if keys had failed from the start.
  const keys = names.filter((name) => name.startsWith('keys-'))
  const newKey = keys.includes('keys-rotated') ? keys.filter((name) => name !== 'keys-rotated') : []
  const authorize = cell('The authorize endpoint', 1)
  const stops = [
    whole === '200' ? '200' : 'nobody at Okta',
    authorize === 'refused by Okta' ? authorize : '200', // before anybody is asked to sign in
    account.signingIn === account.known ? '200' : account.signingIn, // Okta's own word, not the lair's
    authorize,
    cell('The token endpoint', 1),
    cell('Discovery and signing keys', 2, newKey),
    cell('Clocks', 1),
    known,
  ]
  return { known, signingIn: stops.find((stop) => stop !== '200') ?? '200' }
}

const lairs = createLairs()
afterAll(lairs.close)

describe.concurrent('two faults at once', () => {
  it.each(pairs())('%s and %s', (...names) =>
    lairs.use(async (lair, enter) => {
      const { known, signingIn } = expected(names)
      const visitor = await enter()
      for (const name of names)
        await lair.okta.faults.on(name, name.startsWith('account-') ? LION_O : undefined)
      lair.pass(61)

      const pages: string[] = []
      for (const path of ['/lair', '/', '/lair']) {
        const begun = performance.now()
        const page = await visitor.ask(path)
        expect(performance.now() - begun).toBeLessThan(3000)
        pages.push(path === '/' ? String(page.status) : told(page))
      }
      expect(pages).toEqual([known, '200', known === '403' ? '302' : known])
      expect(visitor.cookies.has(SITE.slug)).toBe(known !== '403')
      expect(await signIn(lair)).toBe(signingIn)

      await lair.okta.faults.clear()
      lair.pass(60) // a rate limit is over, and a record wants to be asked for
      await within10Seconds(async () => (await signIn(lair)) === '200')
      if (known !== '403') expect((await visitor.ask('/lair')).status).toBe(200)
      expect(lair.log.filter(({ msg }) => msg === 'answered 500')).toEqual([])
    }),
  )
})

/** How a sign-in ends, in the words of the tables. */
async function signIn(lair: Lair): Promise<string> {
  const visitor = lair.visitor()
  let page = await visitor.ask('/lair?gate=1')
  if (page.location) {
    if (!(await fetch(lair.okta.orgUrl).catch(() => false))) return 'nobody at Okta'
    page = await visitor.go(page.location)
    if (page.text.includes('name="person"')) page = await visitor.pick(page, LION_O)
  }
  if (page.status >= 503) expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
  return told(page)
}
