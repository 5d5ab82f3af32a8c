/** Reads the tables of docs/faults.md, for tests that compare pages with them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ROOT } from './process.js'
import type { Page } from './visitor.js'

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
