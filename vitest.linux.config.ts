import { defineConfig } from 'vitest/config'

// How tests run in the guest: bundled beforehand, in one process, since every process and every file costs seconds there.
export default defineConfig({
  root: process.env.NETKIT_GUEST_TESTS,
  cacheDir: '/tmp/vite',
  test: {
    include: ['**/*.test.mjs'],
    pool: 'threads',
    maxConcurrency: 12,
    testTimeout: 120_000,
    // Of an emulated machine that shares its host: what came too late comes in time when asked again.
    retry: 1,
    hookTimeout: 120_000,
    reporters: ['default', 'json'],
    outputFile: { json: process.env.NETKIT_GUEST_RESULTS ?? 'report.json' },
  },
})
