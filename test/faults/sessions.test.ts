import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'
import { liveSessions, liveThrough } from '../support/live-sessions.js'

let lair: Lair
let sessions: string[]
beforeAll(async () => {
  lair = await startLair()
  sessions = await liveSessions(lair, 40)
})
afterAll(() => lair.close())

const SOME = [
  ['users-hangs', 'users'],
  ['users-500', 'users'],
  ['account-suspended', 'account'],
] as const

describe('40 live sessions', () => {
  it.each(SOME)('all live on through %s, and none of their pages waits long for Okta', (...fault) =>
    liveThrough(lair, sessions, ...fault),
  )
})
