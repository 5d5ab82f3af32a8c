import { afterAll, beforeAll, describe, it } from 'vitest'
import { FAULTS } from '../../local-okta/fault-list.js'
import { type Lair, startLair } from '../support/lair.js'
import { liveSessions, liveThrough } from '../support/live-sessions.js'

let lair: Lair
let sessions: string[]
beforeAll(async () => {
  lair = await startLair()
  sessions = await liveSessions(lair, 1000)
})
afterAll(() => lair.close())

/** The pages' time has a limit, and other tests use the same cores: so a second try. */
describe('1,000 live sessions', { retry: 2 }, () => {
  it.each(FAULTS.map(({ name, group }) => [name, group] as const))(
    'all live on through %s, and none of their pages waits long for Okta',
    (...fault) => liveThrough(lair, sessions, ...fault),
  )
})
