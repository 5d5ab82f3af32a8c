import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'
import { askForAll, manySessions } from '../support/sessions.js'

const LION_O = 'lion-o@thundera.example'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
  const [lionO] = lair.okta.people
  if (!lionO) throw new Error('no Lion-O')
  for (let n = 0; n < 20; n++) {
    const login = `cub-${n}@thundera.example`
    lair.okta.people.push({ ...lionO, id: `00ucub${n}`, profile: { ...lionO.profile, login } })
  }
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

  it('20 times for 2,000 pages of 20 people', async () => {
    const sessions: string[] = []
    for (let n = 0; n < 20; n++) sessions.push(...(await manySessions(lair, `cub-${n}@thundera.example`, 1)))
    await lair.restart()
    const before = lair.okta.faults.asked.users
    const pages = Array.from({ length: 2000 }, (_, n) => sessions[n % 20] ?? '')
    const answers = await askForAll(lair, '/lair', pages, 10)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(lair.okta.faults.asked.users - before).toBe(20)
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
