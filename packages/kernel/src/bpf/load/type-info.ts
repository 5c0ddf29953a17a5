import {
  type BPF_COMMANDS,
  btfTextAt,
  type Code,
  FUNC_INFO_BYTES,
  LINE_INFO_BYTES,
  opAt,
  type ProgramTypes,
  type SourceLine,
} from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import type { BpfBtf } from '../objects/btf.ts'
import type { BadReference } from './references.ts'

type LoadCall = BpfCall<(typeof BPF_COMMANDS.progLoad)['attr']['members']>

const MOST_RECORD_BYTES = 252

/** What a loader told of functions and source lines. */
export interface TypeInfo {
  readonly types: ProgramTypes
  readonly lines: ReadonlyMap<number, SourceLine>
}

/** Reads both, as far as that can be told without the program's structure. Source: uapi struct bpf_func_info, bpf_line_info. */
export function readTypeInfo({ attr, memory }: LoadCall, code: Code, btf: BpfBtf): TypeInfo | BadReference {
  const at = (address: bigint, size: number) => memory.at(address, size)
  const { funcInfo, funcInfoRecSize, lineInfo, lineInfoRecSize } = attr
  const records = recordsOf(at, funcInfo, attr.funcInfoCnt, funcInfoRecSize, FUNC_INFO_BYTES, 'func info')
  if ('error' in records) return records
  const lines = recordsOf(at, lineInfo, attr.lineInfoCnt, lineInfoRecSize, LINE_INFO_BYTES, 'line_info')
  if ('error' in lines) return lines
  const read = readLines(lines, code, btf)
  if ('error' in read) return read
  const functions = records.map((record) => ({ slot: record.getUint32(0, true), type: record.getUint32(4, true) }))
  return { types: { btf: btf.types, functions }, lines: read }
}

const refused = (line: string, error = -errno.EINVAL): BadReference => ({ error, line })

/** Records that may be longer than what is known of them, if the rest is zero. */
function recordsOf(
  at: (address: bigint, size: number) => Uint8Array | undefined,
  address: bigint,
  count: number,
  size: number,
  known: number,
  what: string,
): DataView[] | BadReference {
  if (count === 0) return []
  if (size < known || size > MOST_RECORD_BYTES || size % 4 !== 0) return refused(`invalid ${what} rec size ${size}`)
  const bytes = at(address, count * size)
  if (!bytes) return refused('', -errno.EFAULT)
  const records: DataView[] = []
  for (let i = 0; i < count; i++) {
    const record = bytes.slice(i * size, (i + 1) * size)
    if (record.subarray(known).some((byte) => byte !== 0)) {
      return refused(`nonzero tailing record in ${what}`, -errno.E2BIG)
    }
    records.push(new DataView(record.buffer))
  }
  return records
}

function readLines(records: readonly DataView[], code: Code, btf: BpfBtf): Map<number, SourceLine> | BadReference {
  const lines = new Map<number, SourceLine>()
  let last = -1
  for (const [i, record] of records.entries()) {
    const slot = record.getUint32(0, true)
    if (slot <= last || slot >= code.length) {
      return refused(
        `Invalid line_info[${i}].insn_off:${slot} (prev_offset:${Math.max(0, last)} prog->len:${code.length})`,
      )
    }
    if (opAt(code, slot).kind === 'second') return refused(`Invalid insn code at line_info[${i}].insn_off`)
    const file = btfTextAt(btf.bytes, record.getUint32(4, true))
    const text = btfTextAt(btf.bytes, record.getUint32(8, true))
    if (file === undefined || text === undefined) {
      return refused(`Invalid line_info[${i}].line_off or .file_name_off`)
    }
    lines.set(slot, { file, text, line: record.getUint32(12, true) >>> 10 })
    last = slot
  }
  return lines
}
