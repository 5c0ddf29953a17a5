import {
  errno,
  IO_URING_SQE,
  IORING_RECV_MULTISHOT,
  IORING_RECVSEND_POLL_FIRST,
  IOSQE_BUFFER_SELECT,
} from '@netkit/netlink'
import type { Process } from '../net/process.ts'
import { SocketFile } from './files.ts'
import type { ZcrxInstance } from './instance.ts'
import { ReceiveRequest } from './request.ts'

const S = IO_URING_SQE
const IOPRIO_KNOWN = IORING_RECVSEND_POLL_FIRST | IORING_RECV_MULTISHOT

/** Reads a RECV_ZC request at a word of packet memory; what refuses it is a negative errno. Source: spec 03 §3.9, in its order. */
export function prepareReceive(
  i32: Int32Array,
  at: number,
  instances: ReadonlyMap<number, ZcrxInstance>,
  process: Process,
): ReceiveRequest | number {
  const word = (offset: number): number => i32[at + (offset >> 2)]
  const zero = (offset: number): boolean => word(offset) === 0 && word(offset + 4) === 0
  const flags = (word(S.opcode) >>> 8) & 0xff
  const ioprio = word(S.opcode) >>> 16
  if ((flags & IOSQE_BUFFER_SELECT) !== 0) return -errno.EOPNOTSUPP
  if (!zero(S.off) || !zero(S.addr) || !zero(S.addr3)) return -errno.EINVAL
  const instance = instances.get(word(S.zcrxId) >>> 0)
  if (!instance || word(S.msgFlags) !== 0) return -errno.EINVAL
  if ((ioprio & ~IOPRIO_KNOWN) !== 0 || (ioprio & IORING_RECV_MULTISHOT) === 0) return -errno.EINVAL
  const file = process.files.get(word(S.fd))
  if (!file) return -errno.EBADF
  if (file.type !== 'socket') return -errno.ENOTSOCK
  const stream = file.object instanceof SocketFile ? file.object.stream : undefined
  if (!stream) return -errno.EPROTONOSUPPORT
  return new ReceiveRequest(word(S.userData), word(S.userData + 4), stream, instance, word(S.len) >>> 0)
}
