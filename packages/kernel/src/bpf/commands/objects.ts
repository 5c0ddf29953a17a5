import type { BPF_COMMANDS } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { CAP_SYS_ADMIN } from '../../access/capability.ts'
import { capableIn } from '../../access/credentials.ts'
import type { BpfCall } from '../call/call.ts'
import { accessOf } from '../call/files.ts'
import type { IdTable } from '../objects/id-table.ts'
import type { BpfObject } from '../objects/object.ts'
import type { BpfObjects } from '../objects/objects.ts'

type NextIdCall = BpfCall<(typeof BPF_COMMANDS.progGetNextId)['attr']['members']>
type ByIdCall = BpfCall<(typeof BPF_COMMANDS.progGetFdById)['attr']['members']>

/** A table of objects, as one of the commands asks about it. */
export type TableOf = (objects: BpfObjects) => IdTable<BpfObject>

const maySeeAll = ({ kernel, process }: Pick<BpfCall, 'kernel' | 'process'>): boolean =>
  capableIn(process.credentials, kernel.initialUserNs, CAP_SYS_ADMIN)

/** The lowest id above `startId`. */
export const nextId =
  (table: TableOf) =>
  (call: NextIdCall): number => {
    if (call.attr.startId >= 0x7fff_ffff) return -errno.EINVAL
    if (!maySeeAll(call)) return -errno.EPERM
    const next = table(call.objects).after(call.attr.startId)
    if (next === undefined) return -errno.ENOENT
    call.write({ nextId: next })
    return 0
  }

/** A descriptor for the object with an id. */
export const openById =
  (table: TableOf) =>
  (call: ByIdCall): number => {
    if (!maySeeAll(call)) return -errno.EPERM
    const access = accessOf(call.attr.openFlags)
    if (typeof access === 'number') return access
    const object = table(call.objects).get(call.attr.id)
    return object ? call.process.openObject(object, access) : -errno.ENOENT
  }
