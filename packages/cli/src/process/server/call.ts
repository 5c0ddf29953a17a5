import type { NetNamespace } from '@netkit/kernel'
import { type NamespaceHandle, refused } from '@netkit/netlink'
import type { ArgumentReader } from './arguments.ts'
import type { Host } from './host.ts'
import { findNamespace, type Session } from './session.ts'

/** What a call is given. */
export interface Call {
  readonly host: Host
  readonly session: Session
  readonly args: ArgumentReader
  readonly attachments: readonly Uint8Array[]
}

/** What a call returns: JSON, bytes, both or nothing. */
export interface Returned {
  readonly value?: object
  readonly attachments?: readonly Uint8Array[]
}

export type CallHandler = (call: Call) => Promise<Returned> | Returned

export const DONE: Returned = {}

/** The first attachment. Throws KernelError EINVAL. */
export function attached({ args, attachments }: Call): Uint8Array {
  if (attachments.length !== 1) throw refused(args.op, 'EINVAL', `expected one attachment, got ${attachments.length}`)
  return attachments[0]
}

/** A namespace as a call has it: as the doors take it, undefined where the client's own is meant, and itself. */
export interface CallNamespace {
  readonly handle: NamespaceHandle | undefined
  readonly ns: NetNamespace
}

const later = () => Promise.resolve()

/** Runs a call in the namespace that it names, by descriptor of the session or by name, or else in the session's own. */
export async function inNamespace<T>(
  { host, session: { process }, args }: Call,
  use: (namespace: CallNamespace) => Promise<T>,
): Promise<T> {
  const ref = args.optionalNamespace('namespace')
  if (!ref) return use({ handle: undefined, ns: process.netns })
  const ns = findNamespace(host.kernel, process, ref)
  const fd = 'fd' in ref ? ref.fd : process.openNamespace(ns)
  try {
    return await use({ handle: { fd, inode: ns.inode, close: later, [Symbol.asyncDispose]: later }, ns })
  } finally {
    if ('name' in ref) host.journal.release([ns], () => process.closeFile(fd))
  }
}
