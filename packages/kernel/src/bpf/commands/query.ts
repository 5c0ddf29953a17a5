import { type BPF_COMMANDS, CGROUP_ATTACH_TYPES } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { RunnableProgram } from '../../net/device-programs.ts'
import type { ListEntry } from '../../net/program-list.ts'
import { attachPlace, hasLists } from '../attach/place.ts'
import type { BpfCall } from '../call/call.ts'
import { administersPrograms } from './attach.ts'

type QueryCall = BpfCall<(typeof BPF_COMMANDS.progQuery)['attr']['members']>

/** BPF_F_QUERY_EFFECTIVE: accepted by the command, refused by lists of devices. */
const EFFECTIVE = 1

/** Which programs a device runs, in order. Source: spec 02 §2.8, in its order. */
export function queryPrograms(call: QueryCall): number {
  const { attr } = call
  if (!administersPrograms(call)) return -errno.EPERM
  if ((attr.queryFlags & ~EFFECTIVE) !== 0) return -errno.EINVAL
  if (CGROUP_ATTACH_TYPES.has(attr.attachType)) return -errno.EBADF
  if (!hasLists(call, attr.attachType)) return -errno.EINVAL
  const place = attachPlace(call, attr.targetIfindex, attr.attachType)
  if (typeof place === 'number') return place
  if (attr.queryFlags !== 0 || attr.attachFlags !== 0) return -errno.EINVAL
  const list = place.dev.programs?.[place.list]
  const entries = list?.entries ?? []
  // An empty list is told as a new one, whatever has been in it.
  call.write({ attachFlags: 0, revision: entries.length > 0 ? list?.revision : 1n, count: entries.length })
  if (attr.count === 0 || attr.progIds === 0n || entries.length === 0) return 0
  const fit = entries.slice(0, attr.count)
  for (const [address, numberOf] of [
    [attr.progIds, ({ program }: Entry) => program.id],
    [attr.progAttachFlags, () => 0],
    [attr.linkIds, ({ link }: Entry) => link?.id ?? 0],
    [attr.linkAttachFlags, () => 0],
  ] as const) {
    if (address !== 0n && !writeAll(call, address, fit.map(numberOf))) return -errno.EFAULT
  }
  return fit.length < entries.length ? -errno.ENOSPC : 0
}

type Entry = ListEntry<RunnableProgram>

function writeAll({ memory }: QueryCall, address: bigint, values: readonly number[]): boolean {
  const bytes = memory.at(address, values.length * 4)
  if (!bytes) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value, true)
  return true
}
