import {
  type BPF_COMMANDS,
  INFO_SIZE,
  LINE_INFO_BYTES,
  LINK_INFO,
  makeStruct,
  PROG_INFO,
  readStruct,
  writeStruct,
} from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import type { BpfLink } from '../objects/link.ts'
import type { BpfMap } from '../objects/map.ts'
import type { BpfProgram } from '../objects/program.ts'
import { btfInfo } from './btf-load.ts'
import { mapInfo } from './map-info.ts'

type InfoCall = BpfCall<(typeof BPF_COMMANDS.objGetInfoByFd)['attr']['members']>

const PAGE = 4096

/** What there is to know of an object, as much of it as there is room for. */
export function objectInfo(call: InfoCall): number {
  const { attr, memory, process } = call
  const file = process.files.get(attr.bpfFd)
  if (!file) return -errno.EBADF
  if (file.type !== 'bpf' || !Object.hasOwn(INFO, file.object.kind)) return -errno.EINVAL
  const kind = file.object.kind as keyof typeof INFO_SIZE
  const size = Math.min(attr.infoLen, INFO_SIZE[kind])
  const asked = memory.at(attr.info, attr.infoLen)
  if (attr.infoLen > PAGE) return -errno.E2BIG
  if (!asked) return -errno.EFAULT
  if (asked.subarray(size).some((byte) => byte !== 0)) return -errno.E2BIG
  const filled = INFO[kind](call, file.object as never, asked.slice(0, size))
  if (typeof filled === 'number') return filled
  asked.set(filled.subarray(0, size))
  call.write({ infoLen: size })
  return 0
}

/** Fills in one kind of information; `asked` holds what the client put there. */
type Fill<T> = (call: InfoCall, object: T, asked: Uint8Array) => Uint8Array | number

const linkInfo: Fill<BpfLink> = (_call, link) =>
  writeStruct(LINK_INFO, new Uint8Array(INFO_SIZE.link), {
    type: link.type,
    id: link.id,
    progId: link.program.id,
    ifindex: link.place?.dev.ifindex ?? 0,
    attachType: link.attachType,
  })

const programInfo: Fill<BpfProgram> = ({ memory }, { id, facts, uses, runCount, runTimeNs }, asked) => {
  const { xlatedLen, xlatedInsns, nrMapIds, mapIds, nrLineInfo, lineInfo } = readStruct(PROG_INFO, asked)
  const maps = uses.flatMap((object) => (object.kind === 'map' ? [object.id] : []))
  const room = xlatedLen > 0 ? memory.at(xlatedInsns, Math.min(xlatedLen, facts.instructions.length)) : undefined
  if (xlatedLen > 0 && !room) return -errno.EFAULT
  room?.set(facts.instructions.subarray(0, room.length))
  const ids = nrMapIds > 0 ? memory.at(mapIds, Math.min(nrMapIds, maps.length) * 4) : undefined
  if (nrMapIds > 0 && maps.length > 0 && !ids) return -errno.EFAULT
  if (ids)
    for (const [i, map] of maps.slice(0, nrMapIds).entries())
      new DataView(ids.buffer, ids.byteOffset).setUint32(i * 4, map, true)
  const lines =
    nrLineInfo > 0 ? memory.at(lineInfo, Math.min(nrLineInfo * LINE_INFO_BYTES, facts.lines.length)) : undefined
  if (nrLineInfo > 0 && !lines) return -errno.EFAULT
  lines?.set(facts.lines.subarray(0, lines.length))
  const bytes = makeStruct(PROG_INFO, {
    type: facts.type,
    id,
    xlatedLen: facts.instructions.length,
    loadTime: facts.loadedAt,
    createdByUid: facts.uid,
    nrMapIds: maps.length,
    name: facts.name,
    gplCompatible: facts.gplCompatible ? 1 : 0,
    btfId: facts.uses.find(({ kind }) => kind === 'btf')?.id ?? 0,
    nrLineInfo: facts.lines.length / LINE_INFO_BYTES,
    lineInfoRecSize: LINE_INFO_BYTES,
    runTimeNs,
    runCnt: runCount,
    verifiedInsns: facts.verifiedInstructions,
  })
  bytes.set(facts.tag, PROG_INFO.members.tag.at)
  const whole = new Uint8Array(INFO_SIZE.program)
  whole.set(bytes)
  return whole
}

const INFO: Readonly<Record<keyof typeof INFO_SIZE, Fill<never>>> = {
  link: linkInfo,
  program: programInfo,
  map: (_call, map: BpfMap) => mapInfo(map),
  btf: btfInfo,
}
