import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'
import { askForAll, manySessions } from '../support/sessions.js'

const LION_O = 'lion-o@thundera.example'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

describe('how often the Users API is asked', () => {
  it('[112] once for 500 first requests of one person, all at once', async () => {
    const [session = ''] = await manySessions(lair, LION_O, 1)
    await lair.restart()
    const before = lair.okta.faults.asked.users
    const answers = await askForAll(lair, '/lair', Array(500).fill(session), 500)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(lair.okta.faults.asked.users - before).toBe(1)
  })

  it('twice a minute for somebody who keeps clicking', async () => {
    const [session = ''] = await manySessions(lair, LION_O, 1)
    await askForAll(lair, '/lair', [session])
    const before = lair.okta.faults.asked.users
    for (let second = 0; second < 300; second += 5) {
      lair.pass(5)
      await askForAll(lair, '/lair', [session])
    }
    expect(lair.okta.faults.asked.users - before).toBeGreaterThanOrEqual(5)
    expect(lair.okta.faults.asked.users - before).toBeLessThanOrEqual(10)
  })
})
