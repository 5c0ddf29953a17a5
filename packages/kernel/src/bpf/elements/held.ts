import { type Held, PROG_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { XdpTarget } from '../../net/xdp-run.ts'
import type { BpfCall } from '../call/call.ts'
import { mapAt, objectAt, programAt } from '../call/files.ts'
import type { BpfMap } from '../objects/map.ts'
import type { BpfObject } from '../objects/object.ts'
import type { PerfEvent } from '../objects/perf-event.ts'
import type { BpfProgram } from '../objects/program.ts'
import { fitsTemplate } from './fits.ts'

/** What is put into a map for what a user gave, and what the map holds from then on. */
export interface Stored {
  readonly words: readonly number[]
  readonly object?: BpfObject
  /** Where packets are redirected to by it. */
  readonly target?: XdpTarget
}

/** How values that stand for something go in, and how they are told to users. */
interface Holding {
  readonly store: (call: BpfCall, map: BpfMap, value: DataView, key: DataView) => Stored | number
  /** The words that a user sees. */
  readonly tell: (stored: DataView, held: BpfObject | undefined) => readonly number[] | number
}

const ATTACH_DEVMAP = 33
const ATTACH_CPUMAP = 35
const MOST_QUEUED = 16_384
const CPUS = 1
/** What stands for a socket in the memory of a map. */
const PRESENT = 1
const idOf = (held: BpfObject | undefined): number => held?.id ?? 0
const asStored = (value: DataView): number[] =>
  value.byteLength >= 8 ? [value.getUint32(0, true), 0] : [value.getUint32(0, true)]

/** The program that is to run behind a redirection, by the descriptor in the second word. */
function xdpBehind(
  process: BpfCall['process'],
  map: BpfMap,
  value: DataView,
  attachType: number,
): BpfProgram | undefined | number {
  const fd = value.byteLength >= 8 ? value.getInt32(4, true) : 0
  if (fd <= 0) return undefined
  const program = programAt(process, fd, PROG_TYPE.xdp)
  if (typeof program === 'number') return program
  const fits = program.expectedAttachType === attachType && map.takesPrograms(program)
  return fits ? program : -errno.EINVAL
}

/** Where a device or CPU is, with the id of the program that runs there. */
const withProgram = (value: DataView, held: BpfObject | undefined): number[] =>
  value.byteLength >= 8 ? [value.getUint32(0, true), idOf(held)] : [value.getUint32(0, true)]

/** What an entry holds that leads to a device or, without one, to the processor. Nothing, where the first word is 0. */
function stored(value: DataView, dev: Device | undefined, program: BpfProgram | undefined): Stored {
  const [first, ...rest] = asStored(value)
  const words = [first, ...rest.map(() => idOf(program))]
  return first === 0 ? { words } : { words, object: program, target: { dev, program, room: first } }
}

/** Source: spec 02 §6.4, §6.6, §6.7. */
export const HOLDINGS: Readonly<Record<Held, Holding>> = {
  program: {
    store({ process }, map, value) {
      const program = programAt(process, value.getInt32(0, true))
      if (typeof program === 'number') return program
      return !map.takesPrograms(program.facts) ? -errno.EINVAL : { words: [program.number], object: program }
    },
    tell: (_stored, held) => [idOf(held)],
  },
  map: {
    store({ process }, map, value) {
      const inner = mapAt(process, value.getInt32(0, true))
      if (typeof inner === 'number') return inner
      const { inner: template } = map.made
      if (!template || !fitsTemplate(inner.made.spec, template)) return -errno.EINVAL
      return { words: [inner.made.handle], object: inner }
    },
    tell: (_stored, held) => [idOf(held)],
  },
  device: {
    store({ process, netns }, map, value) {
      const ifindex = value.getUint32(0, true)
      if (ifindex === 0)
        return value.byteLength >= 8 && value.getInt32(4, true) > 0
          ? -errno.EINVAL
          : stored(value, undefined, undefined)
      const dev = netns.devices.get(ifindex)
      const program = xdpBehind(process, map, value, ATTACH_DEVMAP)
      return dev === undefined || typeof program === 'number' ? -errno.EINVAL : stored(value, dev, program)
    },
    tell: withProgram,
  },
  cpu: {
    store({ process }, map, value, key) {
      if (value.getUint32(0, true) > MOST_QUEUED) return -errno.EOVERFLOW
      if (key.getUint32(0, true) >= CPUS) return -errno.ENODEV
      const program = xdpBehind(process, map, value, ATTACH_CPUMAP)
      return typeof program === 'number' ? program : stored(value, undefined, program)
    },
    tell: withProgram,
  },
  socket: {
    store({ process }, map, value) {
      const file = process.files.get(value.getInt32(0, true))
      if (file === undefined) return -errno.EBADF
      if (file.type !== 'xsk') return -errno.ENOTSOCK
      const { socket } = file
      if (socket.rx === undefined) return -errno.ENOBUFS
      if (map.targets) socket.heldBy(map.targets)
      return { words: [PRESENT], target: { dev: undefined, socket, program: undefined, room: 0 } }
    },
    tell: () => -errno.EOPNOTSUPP,
  },
  cgroup: {
    store: () => -errno.EBADF,
    tell: () => -errno.ENOTSUPP,
  },
  event: {
    store({ process }, _map, value) {
      const event = objectAt(process, value.getInt32(0, true), 'perf event')
      return typeof event === 'number'
        ? -errno.EBADF
        : { words: [(event as PerfEvent).buffer], object: event as PerfEvent }
    },
    tell: () => -errno.ENOTSUPP,
  },
}
