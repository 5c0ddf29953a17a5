import { closeSync, openSync } from 'node:fs'
import { errno, KernelError } from '@netkit/netlink'

/** Where names of network namespaces live, as `ip netns` keeps them (/var/run is a link to /run). */
export const NETNS_DIR = '/run/netns'

/** The network namespace of the thread that asks. */
export const THREAD_NETNS = '/proc/thread-self/ns/net'

/** A failure of Node's fs as the kernel's refusal that it is. */
export function fileFailure(e: unknown, op: string, extack?: string): unknown {
  if (!(e instanceof Error) || !('errno' in e) || typeof e.errno !== 'number') return e
  return new KernelError({ op, errno: -e.errno, extack, cause: e })
}

export const isRefusal = (e: unknown, code: keyof typeof errno): boolean =>
  e instanceof Error && 'errno' in e && Math.abs(e.errno as number) === errno[code]

/** Opens a file to read, does something with the descriptor and closes it. */
export function withFile<T>(path: string, op: string, act: (fd: number) => T): T {
  const fd = openFile(path, op)
  try {
    return act(fd)
  } finally {
    closeSync(fd)
  }
}

/** Throws KernelError. */
export function openFile(path: string, op: string, extack?: string): number {
  try {
    return openSync(path, 'r')
  } catch (e) {
    throw fileFailure(e, op, extack)
  }
}
