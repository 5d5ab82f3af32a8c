import { describe, expect, it } from 'vitest'
import { FAULTS } from '../../src/local-okta/fault-list.js'
import { startLair } from '../support/lair.js'
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

describe.concurrent('two faults at once', () => {
  it.each(pairs())('%s and %s', { timeout: 60_000 }, async (...names) => {
    const lair = await startLair()
    try {
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
      const outcome = await lair.visitor().signIn(LION_O, '/lair?gate=1').catch(unreachable)
      expect([200, 400, 401, 403, 503, 504]).toContain(outcome.status)
      if (outcome.status >= 503) expect(Number(outcome.headers['retry-after'])).toBeGreaterThan(0)

      await lair.okta.faults.clear()
      lair.pass(60) // a rate limit is over, and a record wants to be asked for
      const until = performance.now() + 10_000
      for (;;) {
        const page = await lair.visitor().signIn(LION_O).catch(unreachable)
        if (page.status === 200 && !page.text.includes('Okta cannot be asked')) break
        if (performance.now() > until) throw new Error(`It has not recovered within 10 s: ${page.status}`)
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
      if (visitor.cookies.has('lair')) expect((await visitor.ask('/lair')).status).toBe(200)
      expect(lair.log.filter(({ msg }) => msg === 'answered 500')).toEqual([])
    } finally {
      await lair.close()
    }
  })
})

/** Where Okta's own pages cannot be had, only the browser can say so; the app sent it there, or said 503. */
function unreachable(error: Error): Pick<Page, 'status' | 'headers' | 'text'> {
  const status = /No sign-in page/.test(error.message) ? 503 : 400
  return { status, headers: { 'retry-after': '1' }, text: '' }
}
