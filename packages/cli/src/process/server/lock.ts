import {
  closeSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { fileLock } from '@netkit/linux'

/** What makes one process the only one. It goes when the process ends, however it ends. */
export interface Lock {
  release(): void
}

/** Tries to become the only one; undefined if somebody else is. */
export type TryLock = () => Lock | undefined

/** O_NONBLOCK | O_EXLOCK of macOS, which locks as it opens. */
const O_RDWR_CREAT_EXLOCK = 0x0002 | 0x0200 | 0x0004 | 0x0020

function sign(fd: number): void {
  ftruncateSync(fd, 0)
  writeSync(fd, `${process.pid}\n`, 0)
}

function held(fd: number): Lock {
  sign(fd)
  return { release: () => closeSync(fd) }
}

function lockAsOpened(path: string): Lock | undefined {
  try {
    return held(openSync(path, O_RDWR_CREAT_EXLOCK, 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined
    throw error
  }
}

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const holder = (path: string): number => Number.parseInt(readFileSync(path, 'utf8'), 10)

/**
 * A lock made of a file that is there or not, with its holder's pid: for machines without locks that end with their
 * process. A pid that was given out again keeps others away until that process ends.
 */
export function lockByPid(path: string): Lock | undefined {
  const mine = `${path}.${process.pid}`
  writeFileSync(mine, `${process.pid}\n`, { mode: 0o600 })
  try {
    while (true) {
      try {
        linkSync(mine, path)
        return { release: () => unlinkSync(path) }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      if (!takeAway(path, `${mine}.old`)) return undefined
    }
  } finally {
    unlinkSync(mine)
  }
}

/** Takes away the lock of a process that is gone. False if its holder lives. */
function takeAway(path: string, aside: string): boolean {
  try {
    if (exists(holder(path))) return false
    renameSync(path, aside)
    const lives = exists(holder(aside))
    // Somebody was faster: what was moved is the lock of a living process. It goes back.
    if (lives) linkSync(aside, path)
    unlinkSync(aside)
    return !lives
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** The best lock that the machine has: flock(2), or what comes near it. */
export async function locker(path: string): Promise<TryLock> {
  if (process.platform === 'darwin') return () => lockAsOpened(path)
  const lock = await fileLock()
  if (!lock) return () => lockByPid(path)
  return () => {
    const fd = openSync(path, 'a+', 0o600)
    if (lock(fd)) return held(fd)
    closeSync(fd)
    return undefined
  }
}
