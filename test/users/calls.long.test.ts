import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'
import { askForAll, manySessions } from '../support/sessions.js'

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
})
