import { closeSync, constants, openSync } from 'node:fs'
import { type ErrnoName, errno, KernelError } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { F_DUPFD_CLOEXEC } from '../ffi/numbers.ts'
import type { RecordPages } from './reader.ts'

/** Where tracefs is mounted, now and on older systems. */
const PATHS = ['/sys/kernel/tracing/trace_pipe', '/sys/kernel/debug/tracing/trace_pipe']
const OP = 'read what programs print'
const CHUNK = 65_536
const NEWLINE = 0x0a

function openPipe(): number {
  let refused: unknown
  for (const path of PATHS) {
    try {
      return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (e) {
      refused ??= e
    }
  }
  const { code = 'EACCES' } = refused as NodeJS.ErrnoException
  throw new KernelError({ op: OP, errno: errno[code as ErrnoName], extack: `${PATHS[0]} cannot be opened` })
}

/** Opens the pipe; its records are lines. Throws KernelError. */
export function openTracePipe(c: Calls): RecordPages {
  const opened = openPipe()
  const fd = c.fcntl(opened, F_DUPFD_CLOEXEC, 3)
  closeSync(opened)
  if (fd < 0) throw failure(c, OP)
  const chunk = new Uint8Array(CHUNK)
  let rest = new Uint8Array(0)
  return {
    fd,
    take() {
      const length = c.read(fd, c.address(chunk.buffer), CHUNK)
      if (length <= 0) return []
      const lines = splitLines(Uint8Array.from([...rest, ...chunk.subarray(0, length)]))
      rest = lines.pop() ?? rest
      return lines
    },
    unmap: () => undefined,
  }
}

/** Lines without their ends, and last what has no end yet. */
function splitLines(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const lines: Uint8Array<ArrayBuffer>[] = []
  let from = 0
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
    lines.push(bytes.subarray(from, end))
    from = end + 1
  }
  lines.push(bytes.subarray(from))
  return lines
}
