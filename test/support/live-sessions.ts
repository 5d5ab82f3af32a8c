/** Many people with sessions, and a fault at Okta. */
import { expect } from 'vitest'
import type { Fault } from '../../local-okta/fault-list.js'
import { within10Seconds } from './faults.js'
import type { Lair } from './lair.js'
import { askForAll, manySessions } from './sessions.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'
/** Account faults are theirs: nobody else is to feel them. */
const BYSTANDER = 'slithe@thirdearth.example'

/** Of two people in turn. */
export async function liveSessions(lair: Lair, count: number): Promise<string[]> {
  const each = [await manySessions(lair, LION_O, count / 2), await manySessions(lair, CHEETARA, count / 2)]
  return Array.from({ length: count }, (_, n) => each[n % 2]?.[n >> 1] ?? '')
}

/** Switches the fault on, expects a page for each session, soon; switches it off, and expects the lair as ever. */
export async function liveThrough(
  lair: Lair,
  sessions: string[],
  name: string,
  group: Fault['group'],
): Promise<void> {
  await lair.okta.faults.on(name, group === 'account' ? BYSTANDER : undefined)
  lair.pass(61) // everybody's record wants to be asked for again
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
  lair.pass(20) // of a rate limit
  await within10Seconds(async () => {
    const pages = await askForAll(lair, '/lair', sessions.slice(0, 2))
    return pages.every(({ status, text }) => status === 200 && !text.includes('Okta cannot be asked'))
  })
}
