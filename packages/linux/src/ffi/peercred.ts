import { libc } from './libc.ts'

/** Who is at the other end of a unix socket, as of the moment that it connected. */
export interface PeerCredentials {
  readonly pid: number
  readonly uid: number
  readonly gid: number
}

// Source: asm-generic/socket.h. A few architectures number them otherwise; those are not asked.
const SOL_SOCKET = 1
const SO_PEERCRED = 17
const GENERIC_NUMBERS = new Set(['x64', 'ia32', 'arm', 'arm64', 'riscv64', 'loong64'])

/**
 * A function that asks the machine who is at the other end of a connected unix socket, by file descriptor (SO_PEERCRED);
 * it throws if the descriptor is none. Undefined where that cannot be asked: not Linux, or koffi does not load.
 */
export async function peerCredentials(): Promise<((fd: number) => PeerCredentials) | undefined> {
  if (process.platform !== 'linux' || !GENERIC_NUMBERS.has(process.arch)) return undefined
  const c = await libc()
  if (!c) return undefined
  const getsockopt = c.library.func(
    'int getsockopt(int fd, int level, int name, _Out_ uint32_t *value, _Inout_ uint32_t *length)',
  )
  return (fd) => {
    const value = new Uint32Array(3)
    const length = [12]
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, value, length) !== 0) {
      throw new Error(`getsockopt SO_PEERCRED of descriptor ${fd}: errno ${c.koffi.errno()}`)
    }
    return { pid: value[0] | 0, uid: value[1], gid: value[2] }
  }
}
