import { ATTACH_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { ETH_HLEN } from '../../net/ethernet.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { bytesOf } from '../../packet/edit.ts'
import { META_MASK, META_SHIFT, PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_SHIFT, PKT_STATE } from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { appendPages } from '../../packet/pages.ts'
import type { BpfProgram } from '../objects/program.ts'
import { contextIn, finish, type TestCall } from './exchange.ts'
import { runLive } from './xdp-live.ts'

/** BPF_F_TEST_XDP_LIVE_FRAMES: what programs say is done. */
const LIVE_FRAMES = 2
const MOST_BATCH = 256
const XDP_MD_BYTES = 24
/** Where fields of a `struct xdp_md` are. */
const AT = { data: 0, dataEnd: 4, dataMeta: 8, ingressIfindex: 12, rxQueueIndex: 16, egressIfindex: 20 } as const
const HEADROOM = 256
/** A page without what Linux keeps behind a frame. */
const ROOM = 4096 - 320
/** Metadata must leave room for what Linux keeps at the start of the buffer. */
const MOST_META = HEADROOM - 40

/** Runs an XDP program over a frame that `lo`, or another device, might have received. Source: spec 02 §3.8. */
export function testXdp(call: TestCall, program: BpfProgram): number {
  const { attr } = call
  const { expectedAttachType } = program
  if (expectedAttachType === ATTACH_TYPE.xdpDevmap || expectedAttachType === ATTACH_TYPE.xdpCpumap) return -errno.EINVAL
  if ((attr.flags & ~LIVE_FRAMES) !== 0 || program.boundTo !== undefined) return -errno.EINVAL
  const isLive = (attr.flags & LIVE_FRAMES) !== 0
  if (isLive && attr.batchSize > MOST_BATCH) return -errno.E2BIG
  if (!isLive && attr.batchSize !== 0) return -errno.EINVAL
  const given = contextIn(call, XDP_MD_BYTES)
  if (typeof given === 'number') return given
  const frame = layOut(call, given && new DataView(given.buffer), isLive)
  if (typeof frame === 'number') return frame
  const { packets } = call.kernel.path
  const handle = allocFrame(call, frame)
  if (handle < 0) return handle
  try {
    return isLive
      ? runLive(call, program, frame.dev, handle, frame.queue)
      : runOver(call, program, handle, frame, given)
  } finally {
    packets.free(handle)
  }
}

/** How the bytes of a test become a frame. */
interface Frame {
  /** Bytes of metadata before it, and of its linear part. */
  readonly meta: number
  readonly linear: number
  /** Which received it. */
  readonly dev: Device
  readonly queue: number
}

function layOut({ attr, netns }: TestCall, context: DataView | undefined, isLive: boolean): Frame | number {
  const size = attr.dataSizeIn
  const u32 = (at: number): number => context?.getUint32(at, true) ?? 0
  const meta = u32(AT.data)
  const end = context ? u32(AT.dataEnd) : size
  if (u32(AT.dataMeta) !== 0 || end > size || meta > end || (meta & 3) !== 0 || meta > MOST_META) return -errno.EINVAL
  if (isLive && (attr.dataOut !== 0n || attr.ctxOut !== 0n)) return -errno.EINVAL
  const linear = Math.min(end, ROOM - HEADROOM + meta)
  if (isLive && size > linear) return -errno.EINVAL
  if (size - meta < ETH_HLEN || u32(AT.egressIfindex) !== 0) return -errno.EINVAL
  const place = received(netns, u32(AT.ingressIfindex), u32(AT.rxQueueIndex))
  return typeof place === 'number' ? place : { meta, linear: linear - meta, ...place }
}

/** The device and queue that a frame was received by; without an ifindex, `lo`. */
function received(
  ns: TestCall['netns'],
  ifindex: number,
  queue: number,
): { readonly dev: Device; readonly queue: number } | number {
  if (ifindex === 0 && queue !== 0) return -errno.EINVAL
  const dev = ifindex === 0 ? ns.loopback : ns.devices.get(ifindex)
  if (!dev) return -errno.ENODEV
  return queue >= dev.realRxQueues ? -errno.EINVAL : { dev, queue }
}

/** The frame in a page of its own, what does not fit there in more pages; a negative errno. */
function allocFrame({ attr, kernel, memory }: TestCall, { meta, linear }: Frame): number {
  const { packets } = kernel.path
  const data = memory.at(attr.dataIn, attr.dataSizeIn)
  if (!data) return -errno.EFAULT
  const handle = packets.alloc(ROOM - HEADROOM, HEADROOM)
  if (handle < 0) return -errno.ENOMEM
  const i = handle << PKT_SHIFT
  const at = packets.fields[i + PKT_DATA]
  packets.memory.u8.fill(0, at - HEADROOM, at - HEADROOM + ROOM)
  packets.memory.copyArrayIn(at - meta, data.subarray(0, meta + linear), COPY.userIn)
  packets.fields[i + PKT_LENGTH] = linear
  packets.fields[i + PKT_LINEAR] = linear
  packets.fields[i + PKT_STATE] |= meta << META_SHIFT
  if (appendPages(packets, handle, data.subarray(meta + linear), COPY.userIn)) return handle
  packets.free(handle)
  return -errno.ENOMEM
}

function runOver(
  call: TestCall,
  program: BpfProgram,
  handle: number,
  { dev, queue }: Frame,
  context: Uint8Array | undefined,
): number {
  const { attr, kernel } = call
  const { packets, programs } = kernel.path
  const times = attr.repeat || 1
  let verdict = 0
  const begun = kernel.world.now()
  for (let n = 0; n < times; n++) verdict = programs.runXdp(program, dev, handle, queue, 0)
  const duration = Number((kernel.world.now() - begun) / BigInt(times))
  const data = withMeta(packets, handle)
  if (context) {
    const view = new DataView(context.buffer)
    const i = handle << PKT_SHIFT
    const meta = metaOf(packets, i)
    view.setUint32(AT.data, meta, true)
    view.setUint32(AT.dataEnd, meta + packets.fields[i + PKT_LINEAR], true)
  }
  return finish(call, { data, verdict, duration }, context)
}

const metaOf = ({ fields }: Packets, i: number): number => (fields[i + PKT_STATE] & META_MASK) >>> META_SHIFT

/** The bytes of a frame behind those of its metadata. */
function withMeta(packets: Packets, handle: number): Uint8Array {
  const i = handle << PKT_SHIFT
  const meta = metaOf(packets, i)
  const frame = bytesOf(packets, handle)
  if (meta === 0) return frame
  const at = packets.fields[i + PKT_DATA]
  const bytes = new Uint8Array(meta + frame.length)
  bytes.set(packets.memory.u8.subarray(at - meta, at))
  bytes.set(frame, meta)
  return bytes
}
