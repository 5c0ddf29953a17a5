import { defineConfig } from 'vitest/config'

const conditions = ['source', 'module', 'import', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ['packages/*/src/**/*.test.ts', 'conformance/**/*.test.ts', 'tools/**/*.test.ts'], testTimeout: 60_000 },
})
