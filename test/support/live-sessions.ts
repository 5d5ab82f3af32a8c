/** Many sessions while Okta has a fault. */
import { expect } from 'vitest'
import type { Fault } from '../../local-okta/fault-list.js'
import { within10Seconds } from './faults.js'
import type { Lair } from './lair.js'
import { askForAll, manySessions } from './sessions.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'
/** Account faults are switched on for this person. The sessions are of other people. */
const BYSTANDER = 'slithe@thirdearth.example'

/** Makes sessions of two people, in turn. @returns the `Cookie` header of each session */
export async function liveSessions(lair: Lair, count: number): Promise<string[]> {
  const each = [await manySessions(lair, LION_O, count / 2), await manySessions(lair, CHEETARA, count / 2)]
  return Array.from({ length: count }, (_, n) => each[n % 2]?.[n >> 1] ?? '')
}

/** Switches a fault on, and expects a page for each session within 3 s. Switches it off, and expects the usual lair. */
export async function liveThrough(
  lair: Lair,
  sessions: string[],
  name: string,
  group: Fault['group'],
): Promise<void> {
  await lair.okta.faults.on(name, group === 'account' ? BYSTANDER : undefined)
  lair.pass(61) // no record is current any more
  const answers = await askForAll(lair, '/', sessions)
  for (const { status, headers, text } of answers) {
    expect(status).toBe(200)
    expect(text).toContain('Sign out')
    expect(headers['set-cookie'] ?? []).toEqual([])
  }
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b)
  expect(times.at(-1)).toBeLessThan(3000)
  // Only the first pages wait for Okta: ten at most.
  if (name.endsWith('-hangs')) expect(times.at(-11)).toBeLessThan(100)

  await lair.okta.faults.clear()
  lair.pass(20) // a rate limit lasts so long
  await within10Seconds(async () => {
    const pages = await askForAll(lair, '/lair', sessions.slice(0, 2))
    return pages.every(({ status, text }) => status === 200 && !text.includes('Okta cannot be asked'))
  })
}
