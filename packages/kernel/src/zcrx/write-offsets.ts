import { ZCRX_IFQ_REG, ZCRX_RQ } from '@netkit/netlink'
import type { ZcrxInstance } from './instance.ts'
import { setU32 } from './user-structs.ts'

const I = ZCRX_IFQ_REG

/** What is told of an instance at registration and at import. */
export function writeOffsets(reg: DataView, id: number, instance: ZcrxInstance): void {
  setU32(reg, I.rqEntries, instance.refillRing.entries)
  setU32(reg, I.offsets, ZCRX_RQ.head)
  setU32(reg, I.offsets + 4, ZCRX_RQ.tail)
  setU32(reg, I.offsets + 8, ZCRX_RQ.rqes)
  setU32(reg, I.zcrxId, id)
  setU32(reg, I.rxBufLen, instance.rxBufLen)
}
