import { compileFilter, FilterError, type PacketFilter } from '@netkit/bpf'
import { type Capture, type CaptureOptions, type PacketDoor, refused } from '@netkit/netlink'
import { CAP_NET_RAW } from '../access/capability.ts'
import { capableIn } from '../access/credentials.ts'
import { CaptureSession } from '../capture/session.ts'
import type { Kernel } from '../kernel.ts'
import type { Device } from '../net/device.ts'
import { ETH_HLEN, setFrameHeaders } from '../net/ethernet.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Process } from '../net/process.ts'
import { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import { namespaceOf } from './namespace-of.ts'

const BATCH = 64

/** Frames sent and seen, for one client of an embedded kernel. */
export function packetDoor(kernel: Kernel, process: Process): PacketDoor {
  const demandRaw = (op: string, ns: NetNamespace): void => {
    if (!capableIn(process.credentials, ns.userNs, CAP_NET_RAW)) throw refused(op, 'EPERM', 'CAP_NET_RAW is required')
  }
  return {
    async capture(options = {}) {
      const ns = namespaceOf(process, options.namespace, 'capture')
      demandRaw('capture', options.everywhere ? kernel.initialNs : ns)
      return startCapture(kernel, ns, options)
    },
    async transmit(device, frames, namespace) {
      const op = `transmit on ${device}`
      const ns = namespaceOf(process, namespace, op)
      demandRaw(op, ns)
      const dev = ns.names.get(device)
      if (!dev) throw refused(op, 'ENODEV', `there is no device ${device}`)
      if (!dev.up) throw refused(op, 'ENETDOWN', `${device} is down`)
      return transmitFrames(kernel, dev, frames, op)
    },
  }
}

/** Returns how many the device counted as sent. */
function transmitFrames(kernel: Kernel, dev: Device, frames: readonly Uint8Array[], op: string): number {
  const { path } = kernel
  const { packets } = path
  // A trace reads better when one packet is through before the next one sets out.
  const batch = new PacketBatch(path.taps.tracing > 0 ? 1 : BATCH)
  const before = dev.counters.txPackets
  for (const frame of frames) {
    if (frame.length < ETH_HLEN)
      throw refused(op, 'EINVAL', `a frame has at least ${ETH_HLEN} bytes, not ${frame.length}`)
    const handle = packets.allocFromArray(frame, COPY.userIn)
    if (handle < 0) throw refused(op, 'ENOBUFS', 'no packet memory is left')
    setFrameHeaders(packets, handle)
    batch.push(handle)
    if (batch.room === 0) path.transmit(dev, batch)
  }
  if (batch.count > 0) path.transmit(dev, batch)
  return dev.counters.txPackets - before
}

function filterOf(text: string): PacketFilter {
  try {
    return compileFilter(text)
  } catch (e) {
    if (e instanceof FilterError) throw refused('capture', 'EINVAL', e.message)
    throw e
  }
}

function startCapture(kernel: Kernel, ns: NetNamespace, options: CaptureOptions): Capture {
  const { path, world } = kernel
  const wanted = options.devices && new Set(options.devices)
  for (const name of wanted ?? []) {
    const found = options.everywhere ? [...kernel.namespaces].some(({ names }) => names.has(name)) : ns.names.has(name)
    if (!found) throw refused('capture', 'ENODEV', `there is no device ${name}`)
  }
  const session = new CaptureSession({
    packets: path.packets,
    world,
    epoch: kernel.epoch,
    notes: path.notes,
    snapLength: options.snapLength,
    drops: options.drops,
    programs: options.programs,
    filter: options.filter === undefined ? undefined : filterOf(options.filter),
    section: { application: 'netkit', os: `netkit embedded kernel, Linux ${kernel.release.name}` },
    describe(number) {
      const dev = path.numbers.get(number)
      if (!dev || (wanted && !wanted.has(dev.name))) return undefined
      if (dev.ns !== ns && !options.everywhere) return undefined
      const [place] = dev.ns === ns ? [] : kernel.names.namesOf(dev.ns)
      return {
        name: place === undefined ? dev.name : `${place}/${dev.name}`,
        description: dev.driver.kind ?? dev.driver.driverName,
      }
    },
  })
  path.startCapture(session)
  const close = async (): Promise<void> => path.endCapture(session)
  return { read: () => session.read(), close, [Symbol.asyncDispose]: close }
}
