import { afterAll, describe, expect, it } from 'vitest'
import { FAULTS } from '../../local-okta/fault-list.js'
import type { Lair } from '../support/lair.js'
import { createLairs } from '../support/lairs.js'
import type { Page } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const SEED = 20181128
const PAIRS = 30

/** Accounts in these states are shut out. */
const VERDICT = /^account-(suspended|deprovisioned|staged|provisioned|deleted)$/

/** Small and repeatable (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

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

const lairs = createLairs()
afterAll(lairs.close)

describe.concurrent('two faults at once', () => {
  it.each(pairs())('%s and %s', { timeout: 60_000 }, (...names) =>
    lairs.use(async (lair) => {
      const visitor = await lair.signedIn()
      for (const name of names)
        await lair.okta.faults.on(name, name.startsWith('account-') ? LION_O : undefined)
      lair.pass(61)

      for (const path of ['/lair', '/', '/lair']) {
        const begun = performance.now()
        const page = await visitor.ask(path)
        expect(performance.now() - begun).toBeLessThan(3000)
        if (path === '/' || visitor.cookies.has('lair')) expect(page.status).toBe(200)
      }
      if (!visitor.cookies.has('lair')) expect(names.some((name) => VERDICT.test(name))).toBe(true)
      const outcome = await attempt(lair)
      if (outcome === 'nobody at Okta') expect(names).toContain('org-down')
      else {
        expect([200, 400, 401, 403, 503, 504]).toContain(outcome.status)
        if (outcome.status >= 503) expect(Number(outcome.headers['retry-after'])).toBeGreaterThan(0)
      }

      await lair.okta.faults.clear()
      lair.pass(60) // a rate limit is over, and a record wants to be asked for
      const until = performance.now() + 10_000
      for (;;) {
        const page = await attempt(lair)
        if (page !== 'nobody at Okta' && page.status === 200 && !page.text.includes('Okta cannot be asked'))
          break
        if (performance.now() > until) throw new Error('It has not recovered within 10 s')
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      if (visitor.cookies.has('lair')) expect((await visitor.ask('/lair')).status).toBe(200)
      expect(lair.log.filter(({ msg }) => msg === 'answered 500')).toEqual([])
    }),
  )
})

/** A sign-in as far as it comes: to a page of the app, or to Okta while nobody answers there. */
async function attempt(lair: Lair): Promise<Page | 'nobody at Okta'> {
  const visitor = lair.visitor()
  let page = await visitor.ask('/lair?gate=1')
  if (page.status >= 500) return page
  if (!(await fetch(lair.okta.orgUrl).catch(() => false))) return 'nobody at Okta'
  page = await visitor.go(page.location ?? '')
  return page.text.includes('name="person"') ? visitor.pick(page, LION_O) : page
}
