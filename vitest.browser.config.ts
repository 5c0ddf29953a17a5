import { playwright } from '@vitest/browser-playwright'
import { configDefaults, defineConfig } from 'vitest/config'
import { LONG, reporting, shared } from './tools/vitest.shared.ts'

/** The chromium of the machine, Debian's unless CHROMIUM says otherwise; nothing is downloaded. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

// `npm run test:browser`: the tests of the isomorphic packages in a headless Chromium.
// What needs Node is named *.node.test.ts and stays out.
export default defineConfig({
  ...shared,
  // Cross-origin isolation, without which a page gets no shared WebAssembly.Memory.
  server: {
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
  },
  // Named here so that they are bundled before the first test and not found half way, which reloads the page.
  optimizeDeps: { include: ['fast-check'] },
  test: {
    ...reporting('browser'),
    include: ['packages/{netlink,bpf,kernel,netkit}/src/**/*.test.ts', 'tools/browser/*.test.ts'],
    exclude: [...configDefaults.exclude, '**/*.node.test.ts', LONG],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath,
          args: [
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
})
