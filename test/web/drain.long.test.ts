import { describe, it } from 'vitest'
import { loseNoRequest } from '../support/stops.js'

describe('SIGTERM', () => {
  it('[117] loses no request: five stops under load (npm run soak: a hundred)', () => loseNoRequest(5))
})
