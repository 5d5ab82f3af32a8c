/** Test files share a process: none leaves a clock, a spy or a variable of the environment to the next. */
import { afterEach, vi } from 'vitest'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})
