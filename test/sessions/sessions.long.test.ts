import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'
import { signOutInFlight } from '../support/sign-out.js'

const IDLE = 600

let lair: Lair
beforeAll(async () => {
  lair = await startLair({ SESSION_IDLE_SECONDS: String(IDLE) })
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterAll(() => lair.close())

describe('signing out', () => {
  it('[56] is final, wherever requests in flight fall: 1,000 of them bring nothing back', () =>
    signOutInFlight(lair, 40, () => vi.setSystemTime(Date.now() + (IDLE / 5) * 1000)))
})
