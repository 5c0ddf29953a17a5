import { libc } from './libc.ts'

// Source: uapi asm-generic/fcntl.h, errno.h.
const LOCK_EX = 2
const LOCK_NB = 4
const EWOULDBLOCK = 11
const EINTR = 4

/**
 * A function that locks an open file for this process alone, as flock(2) does: true if it could, false if somebody else
 * has it. The lock goes when the descriptor is closed, however the process ends. Undefined where koffi does not load.
 */
export async function fileLock(): Promise<((fd: number) => boolean) | undefined> {
  if (process.platform !== 'linux') return undefined
  const c = await libc()
  if (!c) return undefined
  const flock = c.library.func('int flock(int fd, int operation)')
  return (fd) => {
    while (true) {
      if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true
      const errno = c.koffi.errno()
      if (errno === EWOULDBLOCK) return false
      if (errno !== EINTR) throw new Error(`flock of descriptor ${fd}: errno ${errno}`)
    }
  }
}
