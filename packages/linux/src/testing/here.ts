import { afterEach, beforeEach, describe, expect } from 'vitest'
import { linux } from '../linux.ts'
import { currentNamespace, openDescriptors } from './descriptors.ts'

const isLinux = process.platform === 'linux'

const notRoot = process.getuid?.() === 0 ? undefined : 'not root'

/** A group of tests for which a Linux is enough, whoever asks. Says why it is skipped where it is. */
export const onLinux = (name: string, tests: () => void): void => suite(name, isLinux ? undefined : 'not Linux', tests)

/** A group of tests that make namespaces and devices. */
export const asRoot = (name: string, tests: () => void): void => suite(name, isLinux ? notRoot : 'not Linux', tests)

/** Whatever a test does, it leaves as many descriptors open as it found, and this thread where it was. */
function suite(name: string, skipped: string | undefined, tests: () => void): void {
  if (skipped) return void describe.skip(`${name} (skipped: ${skipped})`, tests)
  describe(name, () => {
    let before: readonly [number, string]
    beforeEach(async () => {
      await (await linux()()).close() // loads what is loaded once
      before = [openDescriptors(), currentNamespace()]
    })
    afterEach(() => {
      expect([openDescriptors(), currentNamespace()]).toEqual(before)
    })
    tests()
  })
}

let count = 0

/** A namespace name that nobody else has. */
export const freshName = (): string => `netkit-test-${process.pid}-${++count}`

/** What a refusal with this error number looks like. */
export const refusal = (code: string): unknown => expect.objectContaining({ name: 'KernelError', code })
