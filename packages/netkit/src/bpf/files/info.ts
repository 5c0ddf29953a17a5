import { BPF_COMMANDS, type Layout, type Members, readStruct, type ValuesOf } from '@netkit/bpf'
import type { BpfMemory } from '@netkit/netlink'
import type { BpfCalls } from '../calls.ts'

/**
 * OBJ_GET_INFO_BY_FD: what there is to know of an object. `fill`: puts addresses and room for lists in before it is asked, which lead to
 * `memory`.
 */
export async function objectInfo<M extends Members>(
  calls: BpfCalls,
  fd: number,
  layout: Layout<M>,
  size: number,
  op: string,
  fill?: { readonly write: (info: Uint8Array) => void; readonly memory: readonly BpfMemory[] },
): Promise<{ readonly values: ValuesOf<M>; readonly bytes: Uint8Array }> {
  const info = calls.door(op).memory(size)
  fill?.write(info.bytes)
  await calls.call(BPF_COMMANDS.objGetInfoByFd, {
    op,
    values: { bpfFd: fd, infoLen: size, info: info.address },
    memory: [info, ...(fill?.memory ?? [])],
  })
  return { values: readStruct(layout, info.bytes), bytes: info.bytes }
}
