import {
  type Code,
  encode,
  identifyAll,
  MAP_FLAG,
  MAP_HEADER,
  MAP_TYPE,
  type MapFacts,
  opAt,
  type Resolved,
} from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { Process } from '../../net/process.ts'
import { mapAt } from '../call/files.ts'
import type { BpfMap } from '../objects/map.ts'
import type { ProgramMemory } from '../run/memory.ts'

/** What instructions of a program refer to. */
export interface References {
  readonly resolved: ReadonlyMap<number, Resolved>
  /** By slot. */
  readonly maps: ReadonlyMap<number, BpfMap>
}

/** A reference that leads nowhere: the errno, and what the log says. */
export interface BadReference {
  readonly error: number
  readonly line: string
}

/** LD_IMM64 that have nothing to do with maps. */
const PLAIN: ReadonlySet<string> = new Set(['number', 'function', 'variable'])

/** Finds the maps of all LD_IMM64. `fdAt`: the descriptor with an index; undefined where the loader gave none. */
export function findReferences(
  code: Code,
  process: Process,
  memory: ProgramMemory,
  fdAt: (index: number) => number | undefined,
): References | BadReference {
  const resolved = new Map<number, Resolved>()
  const maps = new Map<number, BpfMap>()
  const known = new Map<BpfMap, MapFacts>()
  for (let slot = 0; slot < code.length; slot++) {
    const op = opAt(code, slot)
    if (op.kind !== 'const' || PLAIN.has(op.pseudo)) continue
    const byIndex = op.pseudo === 'mapIndex' || op.pseudo === 'mapValueIndex'
    const isValue = op.pseudo === 'mapValue' || op.pseudo === 'mapValueIndex'
    if (!byIndex && !isValue && op.pseudo !== 'map')
      return { error: -errno.EINVAL, line: 'unrecognized bpf_ld_imm64 insn' }
    const fd = byIndex ? fdAt(code.imm[slot]) : code.imm[slot]
    if (fd === undefined) return { error: -errno.EFAULT, line: 'fd_idx without fd_array is invalid' }
    const map = mapAt(process, fd)
    if (typeof map === 'number') return { error: map, line: `fd ${fd} is not pointing to valid bpf_map` }
    const bad = isValue ? checkValue(map, code.imm[slot + 1] >>> 0) : undefined
    if (bad) return bad
    const facts = known.get(map) ?? mapFacts(map, memory)
    known.set(map, facts)
    maps.set(slot, map)
    resolved.set(
      slot,
      isValue ? { kind: 'mapValue', map: facts, offset: code.imm[slot + 1] >>> 0 } : { kind: 'map', map: facts },
    )
  }
  return { resolved, maps }
}

/** Only arrays of one element can be pointed into. */
function checkValue({ made: { spec } }: BpfMap, offset: number): BadReference | undefined {
  if (spec.type !== MAP_TYPE.array)
    return { error: -errno.EINVAL, line: 'no direct value access support for this map type' }
  const error = spec.maxEntries !== 1 ? -errno.ENOTSUPP : offset >= spec.valueSize ? -errno.EINVAL : 0
  const line = `invalid access to map value pointer, value_size=${spec.valueSize} off=${offset}`
  return error === 0 ? undefined : { error, line }
}

/** What the verifier has to know of a map. */
function mapFacts(map: BpfMap, memory: ProgramMemory): MapFacts {
  const { spec, inner, name, special } = map.made
  const { type, keySize, valueSize, maxEntries, flags } = spec
  const isConstant = map.frozen && (flags & MAP_FLAG.rdonlyProg) !== 0 && type === MAP_TYPE.array && maxEntries === 1
  const constants = isConstant ? memory.u8.slice(valuesAt(map, memory), valuesAt(map, memory) + valueSize) : undefined
  return { name, type, keySize, valueSize, maxEntries, flags, inner, constants, special }
}

const valuesAt = ({ made }: BpfMap, { view }: ProgramMemory): number =>
  view.getUint32(made.handle + MAP_HEADER.VALUES, true)

/** The code as it runs: addresses in place of maps. */
export function withAddresses(code: Code, { resolved, maps }: References, memory: ProgramMemory): Code {
  const copy = { ...code, src: code.src.slice(), imm: code.imm.slice(), op: code.op.slice() }
  for (const [slot, map] of maps) {
    const reference = resolved.get(slot)
    copy.src[slot] = 0
    copy.imm[slot] = reference?.kind === 'mapValue' ? valuesAt(map, memory) + reference.offset : map.made.handle
    copy.imm[slot + 1] = 0
  }
  for (let slot = 0; slot < code.length; slot++) {
    const op = opAt(code, slot)
    // The kernel's functions have no address here: only whether there is one can be asked.
    if (op.kind === 'const' && op.pseudo === 'variable') copy.src[slot] = 0
  }
  identifyAll(copy)
  return copy
}

const BY_FD = 1
const VALUE = 2

/** The instructions as users are told them: ids in place of descriptors. */
export function withIds(code: Code, { resolved, maps }: References): Uint8Array {
  const copy = { ...code, src: code.src.slice(), imm: code.imm.slice() }
  for (const [slot, map] of maps) {
    copy.src[slot] = resolved.get(slot)?.kind === 'mapValue' ? VALUE : BY_FD
    copy.imm[slot] = map.id
  }
  return encode(copy)
}

/** The instructions without what differs from load to load, which programs are told apart by. */
export function withoutMaps(code: Code, { maps }: References): Uint8Array {
  const copy = { ...code, imm: code.imm.slice() }
  for (const slot of maps.keys()) copy.imm.fill(0, slot, slot + 2)
  return encode(copy)
}
