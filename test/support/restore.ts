/** Test files share a process: none leaves a clock, a spy, a variable or a running command to the next. */
import { afterAll, afterEach, vi } from 'vitest'
import { endRuns } from './process.js'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})
afterAll(endRuns)
