import { type NamespaceHandle, refused } from '@netkit/netlink'
import type { ArgumentReader } from './arguments.ts'
import type { Host } from './host.ts'
import type { Session } from './session.ts'

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

/** A descriptor of the session as the doors take it. */
export function namespaceHandle({ session, args }: Call): NamespaceHandle | undefined {
  const ref = args.optionalNamespace('namespace')
  if (!ref) return undefined
  const fd = 'fd' in ref ? ref.fd : -1
  const file = session.process.files.get(fd)
  if (file?.type !== 'netns') throw refused(args.op, 'EBADF', `namespace: descriptor ${fd} is none of a namespace`)
  const close = () => Promise.resolve()
  return { fd, inode: file.netns.inode, close, [Symbol.asyncDispose]: close }
}
