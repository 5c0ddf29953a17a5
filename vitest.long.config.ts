import { configDefaults, defineConfig } from 'vitest/config'
import { LONG, reporting, SETUP, shared } from './tools/vitest.shared.ts'

// `npm run test:long`: the random runs with many seeds, the fuzzing, the kill -9 runs.
export default defineConfig({
  ...shared,
  test: {
    ...reporting('long'),
    setupFiles: [SETUP],
    include: [LONG],
    exclude: configDefaults.exclude,
    testTimeout: 45 * 60_000,
    hookTimeout: 120_000,
  },
})
