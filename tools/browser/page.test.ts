import { expect, test } from 'vitest'

// The tests of the packages run here in a page, as their users will run the packages: no Node, and shared memory.
test('is a page, not Node', () => {
  expect(globalThis).toHaveProperty('navigator.userAgent', expect.stringContaining('Chrome'))
  expect(globalThis).not.toHaveProperty('Buffer')
})

test('is cross-origin isolated, so WebAssembly memory can be shared', () => {
  expect(globalThis).toHaveProperty('crossOriginIsolated', true)
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
  expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer)
})
