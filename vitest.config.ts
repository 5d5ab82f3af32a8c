import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that take patience: `npm run test:long`. */
const LONG = 'test/**/*.long.test.ts'
/** Tests that start the app, or a browser, as a process of its own. */
const PROCESSES = ['test/{log,start}.test.ts', 'test/browser/browse.test.ts']
/** Builds the app, and looks for a browser. */
const SETUP = 'test/support/setup.ts'

/** These wait longest. Begun first, they wait while others work. */
const FIRST = ['table', 'browse', 'start']

class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const waits = ({ moduleId }: TestSpecification) =>
      FIRST.some((name) => moduleId.endsWith(`/${name}.test.ts`))
    const sorted = await super.sort(files)
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))]
  }
}

export default defineConfig({
  test: {
    isolate: false, // the app, the local Okta and the Okta SDK are imported once a worker: 1.5 s each time
    setupFiles: 'test/support/restore.ts',
    maxWorkers: 3, // for two cores: many tests wait for a clock
    maxConcurrency: 12, // within a file that asks for it: they wait for Okta's faults
    testTimeout: 60_000,
    hookTimeout: 180_000,
    sequence: { sequencer: WaitingFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'in process',
          include: ['test/**/*.test.ts'],
          exclude: [LONG, ...PROCESSES],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: PROCESSES,
          globalSetup: SETUP,
          maxConcurrency: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'long', include: [LONG], globalSetup: SETUP, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
