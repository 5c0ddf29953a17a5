import { readFileSync, statSync } from 'node:fs'
import { type Capability, capabilitiesOf } from './capabilities.ts'

/** Inode of the user namespace that the machine starts with. Source: uapi linux/nsfs.h, USER_NS_INIT_INO. */
const INITIAL_USER_NAMESPACE = 0xeffffffd

/** Who asks: what this thread may do on this machine. */
export interface CallerFacts {
  /** Effective user id, as this program sees it. */
  readonly uid: number
  /** Effective capabilities. They count in `userNamespace` and in the network namespaces that belong to it. */
  readonly capabilities: ReadonlySet<Capability>
  /** The user namespace: in another than the machine's first, capabilities do not reach the machine's own devices. */
  readonly userNamespace: { readonly inode: number; readonly isInitial: boolean }
  /** Inode of the network namespace. */
  readonly networkNamespace: number
  /** Whether system calls are filtered, so that one may be refused (EPERM, ENOSYS) whatever the capabilities. */
  readonly seccomp: 'off' | 'strict' | 'filter'
}

const SECCOMP = ['off', 'strict', 'filter'] as const

/** Undefined where there is no Linux, or its /proc is not mounted. Never throws. */
export function callerFacts(): CallerFacts | undefined {
  try {
    const status = fieldsOf(readFileSync('/proc/thread-self/status', 'utf8'))
    const inode = statSync('/proc/thread-self/ns/user').ino
    return {
      uid: Number(status.get('Uid')?.split('\t')[1]),
      capabilities: capabilitiesOf(status.get('CapEff') ?? '0'),
      userNamespace: { inode, isInitial: inode === INITIAL_USER_NAMESPACE },
      networkNamespace: statSync('/proc/thread-self/ns/net').ino,
      seccomp: SECCOMP[Number(status.get('Seccomp') ?? 0)] ?? 'filter',
    }
  } catch {
    return undefined
  }
}

/** The lines `Name:\tvalue` of a status file. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    }),
  )
}
