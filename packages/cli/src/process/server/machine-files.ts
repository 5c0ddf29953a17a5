import { closeSync, createReadStream, openSync, statSync, writeSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import type { KernelFiles } from '@netkit/kernel'
import { type ErrnoName, errno, KernelError } from '@netkit/netlink'

/** A system error as a kernel says it. */
function asKernelError(op: string, cause: unknown): unknown {
  const { code = '', message } = cause as NodeJS.ErrnoException
  if (!(code in errno)) return cause
  return new KernelError({ op, errno: errno[code as ErrnoName], extack: message, cause })
}

/** The files of the machine, for wires. They are read and written as the owner of the kernel process may. */
export const machineFiles: KernelFiles = {
  read: (path) => createReadStream(path),
  write(path) {
    let fd: number
    try {
      fd = openSync(path, 'w', 0o600)
    } catch (cause) {
      throw asKernelError(`write ${path}`, cause)
    }
    return {
      write(chunk) {
        for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
      },
      close: () => closeSync(fd),
    }
  },
}

/** Where a recording goes on that was cut off with the kernel process: `wire.pcapng` in `wire.2.pcapng`, and so on. */
export function continuedFile(path: string): string {
  const extension = extname(path)
  const stem = join(dirname(path), basename(path, extension))
  for (let n = 2; ; n++) {
    const next = `${stem}.${n}${extension}`
    if (!statSync(next, { throwIfNoEntry: false })) return next
  }
}
