import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FAULTS } from '../../local-okta/fault-list.js'
import { type Lair, startLair } from '../support/lair.js'
import { askForAll, manySessions } from '../support/sessions.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'
const BYSTANDER = 'slithe@thirdearth.example'

let lair: Lair
let sessions: string[]
beforeAll(async () => {
  lair = await startLair()
  const each = [await manySessions(lair, LION_O, 500), await manySessions(lair, CHEETARA, 500)]
  sessions = Array.from({ length: 1000 }, (_, n) => each[n % 2]?.[n >> 1] ?? '')
}, 90_000)
afterAll(() => lair.close())

const names = FAULTS.map(({ name, group }) => [name, group] as const)

describe('1,000 live sessions', () => {
  it.each(names)(
    'all live on through %s, and none of their pages waits long for Okta',
    async (name, group) => {
      await lair.okta.faults.on(name, group === 'account' ? BYSTANDER : undefined)
      lair.pass(61) // everybody's record wants to be asked for again
      const answers = await askForAll(lair, '/', sessions)
      for (const { status, headers, text } of answers) {
        expect(status).toBe(200)
        expect(text).toContain('Sign out')
        expect(headers['set-cookie'] ?? []).toEqual([])
      }
      const [slowest = 0] = answers.map(({ ms }) => ms).sort((a, b) => b - a)
      const [p99 = 0] = answers
        .map(({ ms }) => ms)
        .sort((a, b) => a - b)
        .slice(989)
      expect(slowest).toBeLessThan(3000)
      if (name.endsWith('-hangs')) expect(p99).toBeLessThan(100)

      await lair.okta.faults.clear()
      lair.pass(20) // of a rate limit
      const until = performance.now() + 10_000
      while (performance.now() < until) {
        const pages = await askForAll(lair, '/lair', sessions.slice(0, 2))
        if (pages.every(({ status, text }) => status === 200 && !text.includes('Okta cannot be asked')))
          return
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      throw new Error('It has not recovered within 10 s')
    },
  )
})
