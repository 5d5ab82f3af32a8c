import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 3, // many tests wait for a clock or a process
    maxConcurrency: 8, // within a file that asks for it: they wait for Okta's faults
    testTimeout: 20_000,
    hookTimeout: 30_000,
    silent: 'passed-only', // oidc-provider prints notices
  },
})
