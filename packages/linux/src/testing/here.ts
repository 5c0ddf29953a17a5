import { readdirSync, readlinkSync } from 'node:fs'

/** Why tests that change the machine are skipped here; undefined where they run. */
export const skipReason: string | undefined =
  process.platform !== 'linux'
    ? 'not Linux'
    : process.getuid?.() !== 0
      ? 'not root: namespaces cannot be made'
      : undefined

/** Descriptors that this program has open, but for the one that looks. */
export const openDescriptors = (): number => readdirSync('/proc/self/fd').length - 1

/** The network namespace that this thread is in. */
export const currentNamespace = (): string => readlinkSync('/proc/thread-self/ns/net')

let count = 0

/** A namespace name that nobody else has. */
export const freshName = (): string => `netkit-test-${process.pid}-${++count}`
