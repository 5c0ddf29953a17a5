import { errno } from '@netkit/netlink'
import type { ClientMemory } from '../call/memory.ts'

/** Where and how much the loader wants to know. */
export interface LogRequest {
  readonly logLevel: number
  readonly logSize: number
  readonly logBuf: bigint
}

const LEVELS = 0b111
/** BPF_LOG_FIXED: what does not fit is left out at the end, not at the start. */
const FIXED = 8
const MOST_BYTES = 0x3fff_ffff

const encoder = new TextEncoder()

/** Whether level, buffer and size fit together. */
export function isLogRequest({ logLevel, logSize, logBuf }: LogRequest): boolean {
  if ((logBuf !== 0n) !== (logSize !== 0)) return false
  return !(logBuf !== 0n && logLevel === 0) && (logLevel & ~(LEVELS | FIXED)) === 0 && logSize <= MOST_BYTES
}

/** Writes the log, its last part if there is no room for all. `trueSize`: bytes that all of it takes, with the NUL. */
export function writeLog(
  request: LogRequest,
  memory: ClientMemory,
  lines: readonly string[],
): { readonly error: number; readonly trueSize: number } {
  if (request.logLevel === 0) return { error: 0, trueSize: 0 }
  const text = encoder.encode(lines.map((line) => `${line}\n`).join(''))
  const trueSize = text.length + 1
  if (request.logBuf === 0n) return { error: 0, trueSize }
  const fits = Math.min(text.length, request.logSize - 1)
  const room = memory.at(request.logBuf, fits + 1)
  if (!room) return { error: -errno.EFAULT, trueSize }
  const start = (request.logLevel & FIXED) !== 0 ? 0 : text.length - fits
  room.set(text.subarray(start, start + fits))
  room[fits] = 0
  return { error: trueSize > request.logSize ? -errno.ENOSPC : 0, trueSize }
}
