import type { ViteUserConfig } from 'vitest/config'

/** Resolve workspace packages to their sources, so that tests need no build. */
const conditions = ['source', 'module', 'import', 'default']

/** What every run of the tests shares: how packages are found, and where results go when someone asks for them. */
export const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
} satisfies ViteUserConfig

/** Run before each file of tests that runs in Node. */
export const SETUP = new URL('./seed.setup.ts', import.meta.url).pathname

/** Tests that need hours of seeds, not milliseconds: `npm run test:long`. */
export const LONG = '**/*.long.test.ts'

/** Tests that want a real kernel and root on it: `npm run test:linux`. */
export const GUEST = '**/*.guest.test.ts'

/**
 * Reporters of one run. With NETKIT_TEST_RESULTS naming a folder, the results are also left there as `RUN.json`,
 * which is how `.ci/run` counts them without changing the command that it runs.
 */
export const reporting = (run: string) => {
  const folder = process.env.NETKIT_TEST_RESULTS
  if (!folder) return { reporters: ['default'] }
  return { reporters: ['default', 'json'], outputFile: { json: `${folder}/${run}.json` } }
}
