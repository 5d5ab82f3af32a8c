import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 3, // many tests wait for a clock or a process
    testTimeout: 20_000,
    hookTimeout: 30_000,
    silent: 'passed-only', // oidc-provider prints notices
  },
})
