import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { ETH_HLEN, receiveFrame } from '../../net/ethernet.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { bytesOf } from '../../packet/edit.ts'
import {
  CSUM_COMPLETE,
  CSUM_MASK,
  PKT_CSUM,
  PKT_DATA,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_NETWORK,
  PKT_PROTOCOL,
  PKT_SHIFT,
  PKT_SOCKET,
  PKT_STATE,
} from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { allocPaged } from '../../packet/pages.ts'
import { fold, sumOf } from '../../packet/sum.ts'
import type { BpfProgram } from '../objects/program.ts'
import { contextIn, finish, type TestCall } from './exchange.ts'
import { CB_BYTES, SK_BUFF_BYTES, TestContext } from './skb-context.ts'
import { testSocket } from './socket.ts'

/** BPF_F_TEST_SKB_CHECKSUM_COMPLETE. */
const CHECKSUM_COMPLETE = 4
/** Most bytes of the linear part: a page without what Linux keeps before and behind them. */
const MOST_LINEAR = 4096 - 64 - 320

/** Headers that have to be there as a whole, by protocol. */
const NETWORK_HEADERS: ReadonlyMap<number, number> = new Map([
  [0x0800, 20],
  [0x86dd, 40],
])

/** Runs a SCHED_CLS program over a frame that `lo`, or another device, might have received. Source: spec 02 §3.8. */
export function testSkb(call: TestCall, program: BpfProgram): number {
  const { attr, memory } = call
  if ((attr.flags & ~CHECKSUM_COMPLETE) !== 0 || attr.cpu !== 0 || attr.batchSize !== 0) return -errno.EINVAL
  if (attr.dataSizeIn < ETH_HLEN) return -errno.EINVAL
  const given = contextIn(call, SK_BUFF_BYTES)
  if (typeof given === 'number') return given
  const context = given && new TestContext(given)
  const end = context?.linear(attr.dataSizeIn) ?? 0
  if (end < 0) return -errno.EINVAL
  const linear = Math.min(end === 0 ? attr.dataSizeIn : Math.max(ETH_HLEN, end), MOST_LINEAR)
  const data = memory.at(attr.dataIn, attr.dataSizeIn)
  if (!data) return -errno.EFAULT
  const { packets } = call.kernel.path
  const handle = allocPaged(packets, data, linear, COPY.userIn)
  if (handle < 0) return -errno.ENOMEM
  try {
    return runOver(call, program, handle, context)
  } finally {
    packets.free(handle)
  }
}

function runOver(call: TestCall, program: BpfProgram, handle: number, context: TestContext | undefined): number {
  const { attr, kernel, netns } = call
  const { packets } = kernel.path
  const { loopback } = netns
  const dev = loopback && (context?.device(netns, loopback) ?? loopback)
  if (dev === undefined) return -errno.ENODEV
  if (typeof dev === 'number') return dev
  const error = arrive(packets, handle, dev, context)
  if (error !== 0) return error
  const control = {
    cb: context?.cb.slice() ?? new Uint8Array(CB_BYTES),
    wireLength: context?.wireLength(packets, handle) ?? 0,
  }
  const isSummed = (attr.flags & CHECKSUM_COMPLETE) !== 0
  if (isSummed) setSum(packets, handle)
  const times = attr.repeat || 1
  const begun = kernel.world.now()
  const verdict = call.objects.runtime.withTestSocket(
    (number) => testSocket(call, handle, number),
    (number) => {
      packets.fields[(handle << PKT_SHIFT) + PKT_SOCKET] = number
      return kernel.path.programs.runRepeatedly(program, dev, handle, times, control)
    },
  )
  const duration = Number((kernel.world.now() - begun) / BigInt(times))
  if (isSummed && !isSumRight(packets, handle)) return -errno.EBADMSG
  context?.tell(packets, handle, dev, control.cb, control.wireLength)
  return finish(call, { data: bytesOf(packets, handle), verdict, duration }, context?.bytes)
}

/** The frame is received, and its link-layer header put back. */
function arrive(packets: Packets, handle: number, dev: Device, context: TestContext | undefined): number {
  receiveFrame(packets, handle, dev)
  const { fields } = packets
  const i = handle << PKT_SHIFT
  fields[i + PKT_DATA] -= ETH_HLEN
  fields[i + PKT_LENGTH] += ETH_HLEN
  fields[i + PKT_LINEAR] += ETH_HLEN
  if (fields[i + PKT_LINEAR] < ETH_HLEN + (NETWORK_HEADERS.get(fields[i + PKT_PROTOCOL]) ?? 0)) return -errno.EINVAL
  return context?.apply(packets, handle) ?? 0
}

/** The sum over what follows the link-layer header. */
function sumNow(packets: Packets, handle: number): number {
  const i = handle << PKT_SHIFT
  const header = packets.fields[i + PKT_NETWORK] - packets.fields[i + PKT_DATA]
  return sumOf(packets, handle, header, packets.fields[i + PKT_LENGTH] - header)
}

function setSum(packets: Packets, handle: number): void {
  const i = handle << PKT_SHIFT
  packets.fields[i + PKT_CSUM] = sumNow(packets, handle)
  packets.fields[i + PKT_STATE] = (packets.fields[i + PKT_STATE] & ~CSUM_MASK) | CSUM_COMPLETE
}

const isSumRight = (packets: Packets, handle: number): boolean =>
  fold(packets.fields[(handle << PKT_SHIFT) + PKT_CSUM]) === fold(sumNow(packets, handle))
