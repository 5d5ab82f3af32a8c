/** Test files share a process. No file may leave a clock, a spy, a variable or a running command to the next file. */
import { afterAll, afterEach, vi } from 'vitest'
import { endRuns } from './process.js'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})
afterAll(endRuns)
