import { dirname, join, resolve } from 'node:path'
import envPaths from 'env-paths'
import { checkPrivate } from './private-directory.ts'

/** Where a kernel process and its clients meet, and what it keeps. */
export interface KernelPaths {
  /** Unix socket. Its directory is private. */
  readonly socket: string
  /** Private directory with the journal, the log and the lock: whoever has the lock is the kernel. */
  readonly state: string
}

export const journalDirectory = (paths: KernelPaths): string => join(paths.state, 'journal')
export const logFile = (paths: KernelPaths): string => join(paths.state, 'kernel.log')
export const lockFile = (paths: KernelPaths): string => join(paths.state, 'lock')

/** `sun_path` of struct sockaddr_un, without its NUL. */
const SOCKET_PATH_MAX = process.platform === 'linux' ? 107 : 103

function usable(directory: string): boolean {
  try {
    return checkPrivate(directory)
  } catch {
    return false
  }
}

/**
 * NETKIT_STATE and NETKIT_SOCKET choose. Otherwise the state is where the user's programs keep theirs, and the socket is
 * in the user's runtime directory, if there is one that is private, or beside the state.
 */
export function kernelPaths(env: Readonly<Record<string, string | undefined>> = process.env): KernelPaths {
  const own = envPaths('netkit', { suffix: '' })
  const state = resolve(env.NETKIT_STATE || (process.platform === 'darwin' ? own.data : own.log))
  const runtime = env.XDG_RUNTIME_DIR
  const socket =
    env.NETKIT_SOCKET ||
    (!env.NETKIT_STATE && runtime && usable(runtime)
      ? join(runtime, 'netkit', 'kernel.sock')
      : join(state, 'kernel.sock'))
  const path = resolve(socket)
  if (Buffer.byteLength(path) > SOCKET_PATH_MAX) {
    throw new Error(
      `the path of the kernel's socket is too long (${path}, at most ${SOCKET_PATH_MAX} bytes): set NETKIT_SOCKET to a shorter one`,
    )
  }
  return { socket: path, state }
}

export const socketDirectory = (paths: KernelPaths): string => dirname(paths.socket)
