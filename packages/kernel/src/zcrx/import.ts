import { errno, ZCRX_IFQ_REG, ZCRX_REG_IMPORT } from '@netkit/netlink'
import { ExportedInstance } from './files.ts'
import type { IoRing } from './io-ring.ts'
import { u32, u64 } from './user-structs.ts'
import { writeOffsets } from './write-offsets.ts'

const I = ZCRX_IFQ_REG

/** Takes over an instance that another ring has exported. 0 or a negative errno. Source: spec 03 §3.12 d. */
export function importInstance(ring: IoRing, reg: DataView): number {
  const given = [I.areaPtr, I.regionPtr, I.eventDesc].some((at) => u64(reg, at) !== 0n)
  if (given || u32(reg, I.ifRxq) !== 0 || u32(reg, I.rqEntries) !== 0) return -errno.EINVAL
  if (u32(reg, I.flags) !== ZCRX_REG_IMPORT) return -errno.EINVAL
  const file = ring.process.files.get(u32(reg, I.ifIdx))
  if (file?.type !== 'zcrx' || !(file.object instanceof ExportedInstance)) return -errno.EBADF
  const { instance } = file.object
  instance.use()
  writeOffsets(reg, ring.addInstance(instance), instance)
  return 0
}
