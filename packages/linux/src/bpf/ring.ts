import { BPF_COMMANDS, INFO_SIZE, MAP_INFO, MAP_TYPE, makeStruct, readStruct, takeRecords } from '@netkit/bpf'
import { refused } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { F_DUPFD_CLOEXEC } from '../ffi/numbers.ts'
import { bpfCall } from './call.ts'
import { type Mapped, mapFile } from './mapping.ts'
import type { RecordPages } from './reader.ts'

const PAGE = 4096
const OP = 'read a ring buffer'

/** Bytes of data of the ring that is open as `fd`. Throws KernelError: EINVAL for what is none. */
function ringSize(c: Calls, fd: number): number {
  const info = new Uint8Array(INFO_SIZE.map)
  const { id, attr } = BPF_COMMANDS.objGetInfoByFd
  const at = BigInt(c.address(info.buffer))
  bpfCall(c, id, makeStruct(attr, { bpfFd: fd, infoLen: info.length, info: at }))
  const { type, maxEntries } = readStruct(MAP_INFO, info)
  if (type !== MAP_TYPE.ringbuf) throw refused(OP, 'EINVAL', 'the map is none')
  return maxEntries
}

/** Maps the ring that is open as `fd`, which can be closed then. Throws KernelError: EBADF, EINVAL, EPERM. */
export function mapRing(c: Calls, fd: number): RecordPages {
  const size = ringSize(c, fd)
  const own = c.fcntl(fd, F_DUPFD_CLOEXEC, 3)
  if (own < 0) throw failure(c, OP)
  const mapped: Mapped[] = []
  const unmap = () => {
    for (const one of mapped.splice(0)) one.unmap()
  }
  try {
    mapped.push(mapFile(c, own, OP, { offset: 0, length: PAGE, writable: true }))
    mapped.push(mapFile(c, own, OP, { offset: PAGE, length: PAGE + 2 * size, writable: false }))
  } catch (e) {
    unmap()
    c.close(own)
    throw e
  }
  const [consumer, producer] = mapped.map(({ buffer }) => ({ buffer, offset: 0 }))
  return { fd: own, take: () => takeRecords({ consumer, producer, size }), unmap }
}
