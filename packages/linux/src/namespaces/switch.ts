import { fstatSync } from 'node:fs'
import { errnoName } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { CLONE_NEWNET } from '../ffi/numbers.ts'
import { THREAD_NETNS, withFile } from './files.ts'

/**
 * This thread went into another network namespace and could not come back: whatever it does from now on would happen in
 * the wrong one. Nothing of this package goes on after it; it is thrown where it happens and once more where nobody
 * catches it, so that the program ends.
 */
export class NamespaceLostError extends Error {
  override readonly name = 'NamespaceLostError'
}

let lost: NamespaceLostError | undefined

/** Throws NamespaceLostError once that has happened. */
export function assertHome(): void {
  if (lost) throw lost
}

/**
 * Runs `act` with this thread in the network namespace that is open as `fd`, and comes back whatever happens. `act` must
 * not wait: other code of this thread would run in the wrong namespace. Threads of Node's pool are not concerned. Throws
 * KernelError EPERM without CAP_SYS_ADMIN there and here, EINVAL where `fd` is no network namespace.
 */
export function inNamespace<T>(c: Calls, fd: number, op: string, act: () => T): T {
  return withFile(THREAD_NETNS, op, (home) => {
    if (isSame(home, fd)) return act()
    return away(c, home, op, () => {
      if (c.setns(fd, CLONE_NEWNET) < 0) throw failure(c, op, 'the namespace cannot be entered')
      return act()
    })
  })
}

/** Runs `act`, which may leave the network namespace of this thread, and comes back whatever happens. */
export const elsewhere = <T>(c: Calls, op: string, act: () => T): T =>
  withFile(THREAD_NETNS, op, (home) => away(c, home, op, act))

function away<T>(c: Calls, home: number, op: string, act: () => T): T {
  // Whoever may not come back (their own namespace belongs to another user) finds out before they leave.
  if (c.setns(home, CLONE_NEWNET) < 0) throw failure(c, op, 'CAP_SYS_ADMIN is required to enter network namespaces')
  try {
    return act()
  } finally {
    if (c.setns(home, CLONE_NEWNET) < 0) lose(c, op)
  }
}

function lose(c: Calls, op: string): never {
  const error = new NamespaceLostError(
    `${op}: this thread cannot get back into its network namespace (${errnoName(c.errno())})`,
  )
  lost = error
  setImmediate(() => {
    throw error
  })
  throw error
}

const isSame = (a: number, b: number): boolean => {
  const [here, there] = [fstatSync(a), fstatSync(b)]
  return here.ino === there.ino && here.dev === there.dev
}
