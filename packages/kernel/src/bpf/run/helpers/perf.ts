import { perfAdvance, perfBegin, perfBufferAt, perfEnd, perfPlace } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { PKT_LENGTH, PKT_SHIFT } from '../../../packet/fields.ts'
import { copyInside, readInside } from '../../../packet/read-inside.ts'
import type { HelperRow, HelperWorld } from './helper.ts'

/** Bits of the flags' high half: how many bytes of the packet go behind the data. */
const PACKET_BYTES = 0xfffff

function output(of: HelperWorld, ctx: number, map: number, index: number, high: number, data: number, size: number) {
  const { contexts, memory, resultCell } = of
  if ((high & ~PACKET_BYTES) !== 0) return -errno.EINVAL
  const { handle } = contexts.at(ctx)
  const { packets } = contexts
  const packetBytes = high & PACKET_BYTES
  if (packetBytes > packets.table.fields[(handle << PKT_SHIFT) + PKT_LENGTH]) return -errno.EFAULT
  const buffer = perfBufferAt(memory, map, index, resultCell)
  if (buffer < 0) return buffer
  const error = perfBegin(memory, buffer, size + packetBytes)
  if (error !== 0) return error
  for (let done = 0; done < size; ) {
    const at = perfPlace()
    const part = perfAdvance(size - done)
    copyInside(packets.memory, at, data + done, part)
    done += part
  }
  for (let done = 0; done < packetBytes; ) {
    const at = perfPlace()
    const part = perfAdvance(packetBytes - done)
    readInside(packets, handle, done, part, at)
    done += part
  }
  perfEnd(memory, buffer)
  for (const written of of.recordReaders) written()
  return 0
}

/** Perf buffers. Readers are always told. Source: bpf-helpers(7), bpf_perf_event_output; what Linux 7.3 answers. */
export const PERF: readonly HelperRow[] = [
  {
    name: 'perf_event_output',
    args: ['u32', 'u32', 'u64', 'u32', 'u32'],
    returns: 's32',
    body: (of, ctx, map, index, high, data, size) =>
      output(of, ctx, map >>> 0, index >>> 0, high, data >>> 0, size >>> 0),
  },
]
