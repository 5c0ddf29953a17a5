import { BPF_COMMANDS, INFO_SIZE, type Layout, type Members, readStruct, type ValuesOf } from '@netkit/bpf'
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

/**
 * What is open as a descriptor. bpf(2) does not say it, but it says how many bytes of information there are, and those of programs, maps
 * and links differ by far on every release that has them all.
 */
export async function objectKind(calls: BpfCalls, fd: number): Promise<'program' | 'map' | 'link'> {
  const op = `look at descriptor ${fd}`
  const info = calls.door(op).memory(INFO_SIZE.program)
  const { attr } = await calls.call(BPF_COMMANDS.objGetInfoByFd, {
    op,
    values: { bpfFd: fd, infoLen: info.bytes.length, info: info.address },
    memory: [info],
  })
  if (attr.infoLen > (INFO_SIZE.program + INFO_SIZE.map) / 2) return 'program'
  return attr.infoLen >= LEAST_MAP_INFO ? 'map' : 'link'
}

/** Of Linux 5.19, without the hash that came later. */
const LEAST_MAP_INFO = 80
