/** For tests that compare pages with the tables of docs/faults.md. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import { SITE } from '../../src/site.js'
import type { Lair } from './lair.js'
import { ROOT } from './process.js'
import type { Page, Visitor } from './visitor.js'

/** The rows below a heading: the fault, and the texts of the other columns. */
export function rows(heading: string): [fault: string, ...cells: string[]][] {
  const text = readFileSync(join(ROOT, 'docs/faults.md'), 'utf8')
  const section = text.split('\n## ').find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| `([\w-]+)` \| (.*) \|$/gm)].map(([, fault = '', cells = '']) => {
    return [fault, ...cells.split(' | ')]
  })
}

/** What a page says, in the words of the tables. */
export function told(page: Page): string {
  if (/\/(signin|oauth2)\//.test(page.url)) return 'refused by Okta'
  return page.text.includes('Okta cannot be asked just now')
    ? `${page.status}, last known`
    : String(page.status)
}

export async function within10Seconds(look: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 10_000
  while (!(await look())) {
    if (performance.now() > until) throw new Error('It has not recovered within 10 s')
    await pause(50)
  }
}

/**
 * Lines about a dependency since `from`, each as its cause; "works" when it works again. An answer that Okta holds back
 * is cut off when the fault ends: a request that waits for it just then counts as "unreachable", and is not meant here.
 * @param dependency by default, lines about any dependency
 */
export function causes(lair: Lair, from: number, fault: string, dependency?: string): unknown[] {
  const lines = lair.log
    .slice(from)
    .filter((line) =>
      dependency === undefined ? line.dependency !== undefined : line.dependency === dependency,
    )
  const all = lines.map(({ cause = 'works' }) => cause)
  return /-(hangs|stalls)$/.test(fault) ? all.filter((cause) => cause !== 'unreachable') : all
}

/** What holds whatever the fault. */
export async function expectUsual(page: Page, visitors: Visitor[]): Promise<void> {
  if (page.status >= 503) expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
  if (page.status >= 400) expect(page.text).toMatch(/href="\/[^"]*">(Try again|Use another account|Back)/)
  for (const visitor of visitors) {
    const begun = performance.now()
    const landing = await visitor.ask('/')
    expect(landing.status).toBe(200)
    expect(performance.now() - begun).toBeLessThan(3000)
    expect(landing.text.includes('Sign out')).toBe(visitor.cookies.has(SITE.slug))
  }
}
