import {
  beginMessage,
  endMessage,
  errno,
  NLM_F_ACK_TLVS,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  Writer,
  writeExtack,
} from '@netkit/netlink'
import type { Dump } from '../net/dump.ts'
import { relativeExtack } from './acknowledge.ts'
import type { NetlinkSocket } from './socket.ts'

/** Bytes of a datagram until anything was received on the socket, and after that. */
const FIRST_LIMIT = 3776
const LIMIT = 32_448
/** Offset of the flags in a message's header. */
const FLAGS = 6
const out = new Writer(LIMIT + 8192)

/**
 * Begins a dump on the socket. The request gets no acknowledgement of its own: -EINTR says so, as in Linux. Where there is
 * no room it is -ENOBUFS, and the dump begins when there is.
 */
export function startDump(socket: NetlinkSocket, dump: Dump): number {
  if (socket.dump) return -errno.EBUSY
  socket.dump = dump
  socket.dumpDatagram = 0
  socket.dumpFails = socket.kernel.faults.takeDump()
  if (!socket.roomForDump) return -errno.ENOBUFS
  dumpChunk(socket)
  return -errno.EINTR
}

/** Produces the next datagram of the socket's dump. */
export function dumpChunk(socket: NetlinkSocket): void {
  const dump = socket.dump
  if (!dump) return
  out.reset()
  const result = dump.fill(out, socket.received ? LIMIT : FIRST_LIMIT, socket.dumpDatagram)
  socket.dumpDatagram++
  // Where the end comes apart, it comes when the reader has taken what was before.
  if (result > 0 || (result === 0 && out.length > 0 && dump.doneApart)) {
    deliver(socket)
    return
  }
  writeDone(dump, socket, result)
  socket.dump = undefined
  deliver(socket)
}

/** The first record of a dump that is to be interrupted says so, as it would if something had changed. */
function deliver(socket: NetlinkSocket): void {
  const bytes = out.take()
  if (socket.dumpFails) bytes[FLAGS] |= NLM_F_DUMP_INTR
  socket.dumpFails = false
  socket.deliverDump(bytes)
}

function writeDone(dump: Dump, socket: NetlinkSocket, result: number): void {
  const { request } = dump
  const extack = relativeExtack(request)
  const speaks = socket.extAck && Object.values(extack).some((v) => v !== undefined)
  const flags = NLM_F_MULTI | (dump.doneFlags ?? 0) | (speaks ? NLM_F_ACK_TLVS : 0)
  const mark = beginMessage(out, NLMSG_DONE, flags, request.seq, socket.portId)
  out.u32(result >>> 0)
  if (speaks) writeExtack(out, extack, result < 0)
  endMessage(out, mark)
}
