import { configDefaults, defineConfig } from 'vitest/config'
import { GUEST, LONG, reporting, SETUP, shared } from './tools/vitest.shared.ts'

// `npm test`: every quick test, in Node, from the sources, with nothing built or installed beyond `npm ci`.
export default defineConfig({
  ...shared,
  test: {
    ...reporting('node'),
    setupFiles: [SETUP],
    include: [
      'packages/*/src/**/*.test.ts',
      'conformance/**/*.test.ts',
      'tools/**/*.test.ts',
      'bench/**/*.test.ts',
      'examples/**/*.test.ts',
    ],
    exclude: [...configDefaults.exclude, LONG, GUEST, 'tools/browser/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
