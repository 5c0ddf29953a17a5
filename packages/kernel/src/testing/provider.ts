import type { MemoryProvider } from '../net/provider.ts'

/** A provider that has nothing and does nothing but what a test says. */
export const testProvider = (does: Partial<MemoryProvider> = {}): MemoryProvider => ({
  init: () => 0,
  alloc: () => false,
  release: () => undefined,
  destroy: () => undefined,
  uninstall: () => undefined,
  ...does,
})
