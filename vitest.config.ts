import { defineConfig } from 'vitest/config'

const ALL = ['test/**/*.test.ts']
/** Processes that start and stop, and answers within so many seconds: these want the machine to themselves. */
const BY_THE_CLOCK = [
  'test/{dev,process,start}.test.ts',
  'test/web/drain.test.ts',
  'test/faults/table.test.ts',
]

export default defineConfig({
  test: {
    maxConcurrency: 8, // within a file that asks for it: they wait for Okta's faults
    testTimeout: 60_000,
    hookTimeout: 60_000,
    silent: 'passed-only', // oidc-provider prints notices
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ALL,
          exclude: BY_THE_CLOCK,
          maxWorkers: 3, // many tests wait for a clock
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'one by one',
          include: BY_THE_CLOCK,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
