import {
  errno,
  ZCRX_AREA_REG,
  ZCRX_CTRL,
  ZCRX_CTRL_ADD_AREA,
  ZCRX_CTRL_ARM_EVENT,
  ZCRX_CTRL_EXPORT,
  ZCRX_CTRL_FLUSH_RQ,
} from '@netkit/netlink'
import { addArea } from './area-registration.ts'
import { ExportedInstance } from './files.ts'
import type { ZcrxInstance } from './instance.ts'
import type { IoRing } from './io-ring.ts'
import { isZero, setU32, type UserStructs, u32, u64 } from './user-structs.ts'

const C = ZCRX_CTRL

interface Call {
  readonly ring: IoRing
  readonly structs: UserStructs
  readonly instance: ZcrxInstance
  readonly ctrl: DataView
}

/** IORING_REGISTER_ZCRX_CTRL: 0 or a negative errno. Source: spec 03 §3.12 c, in its order. */
export function controlZcrx(ring: IoRing, structs: UserStructs, argument: bigint): number {
  const ctrl = structs.at(argument, C.size)
  if (!ctrl || !isZero(ctrl, C.reserved, C.data)) return -errno.EFAULT
  const instance = ring.instances.get(u32(ctrl, C.zcrxId))
  if (!instance) return -errno.ENXIO
  const operation = OPERATIONS.get(u32(ctrl, C.op))
  return operation ? operation({ ring, structs, instance, ctrl }) : -errno.EOPNOTSUPP
}

function flush({ instance, ctrl }: Call): number {
  if (!isZero(ctrl, C.data, C.size)) return -errno.EINVAL
  instance.flush()
  return 0
}

function exportInstance({ ring, instance, ctrl }: Call): number {
  if (!isZero(ctrl, C.data, C.size)) return -errno.EINVAL
  setU32(ctrl, C.data, ring.process.openFile('zcrx', new ExportedInstance(instance)))
  return 0
}

function arm({ instance, ctrl }: Call): number {
  return isZero(ctrl, C.data + 4, C.size) ? instance.events.arm(u32(ctrl, C.data)) : -errno.EINVAL
}

function addOne({ ring, structs, instance, ctrl }: Call): number {
  if (!isZero(ctrl, C.data + 8, C.size)) return -errno.EINVAL
  const area = structs.at(u64(ctrl, C.data), ZCRX_AREA_REG.size)
  if (!area) return -errno.EFAULT
  if (u64(area, ZCRX_AREA_REG.rqAreaToken) !== 0n) return -errno.EINVAL
  if (instance.wasBound && !instance.device) return -errno.EFAULT
  return addArea(ring.application, instance.areas, area, instance.chunkShift, instance.wasBound)
}

const OPERATIONS = new Map<number, (call: Call) => number>([
  [ZCRX_CTRL_FLUSH_RQ, flush],
  [ZCRX_CTRL_EXPORT, exportInstance],
  [ZCRX_CTRL_ARM_EVENT, arm],
  [ZCRX_CTRL_ADD_AREA, addOne],
])
