import { MAP_FLAG } from '../syscall/numbers.ts'
import { fieldAt } from './context.ts'
import { bitsText, varOff } from './log.ts'
import { ofBytes, signExtended } from './ranges.ts'
import { denied } from './refusal.ts'
import { derived, isSocket, number, pointer, type Reg, typeName } from './reg.ts'
import { checkRegion, PACKET_LIMIT } from './region.ts'
import { isKnown, known, type Scalar } from './scalar.ts'
import { refuseSpecial } from './special.ts'
import { readStack, writeStack } from './stack-access.ts'
import type { Verification } from './verification.ts'

/** An access through register `r`, at `off` bytes from where it points. */
export interface Access {
  readonly r: number
  readonly off: number
  readonly size: number
  readonly signed?: boolean
  /** The register that is stored. */
  readonly from?: number
}

/** What a load gives. Refuses what may not be read. */
export function load(v: Verification, access: Access): Reg {
  const reg = v.read(access.r)
  const value = loadFrom(v, reg, access)
  if (!access.signed) return value
  if (value.type !== 'scalar') throw denied('Sign-extending load from ctx access is not allowed for pointers')
  return derived(signExtended(value.scalar, (access.size * 8) as 8 | 16 | 32), value)
}

function loadFrom(v: Verification, reg: Reg, access: Access): Reg {
  const { r, off, size } = access
  refuseNull(reg, r)
  checkAlignment(v, reg, access, false)
  switch (reg.type) {
    case 'ctx':
      return loadContext(v, reg, access)
    case 'fp':
      return readStack(v, reg, r, off, size)
    case 'pkt':
    case 'pkt_meta':
      checkPacket(v, reg, access)
      return number(ofBytes(size))
    case 'map_value':
      checkRegion(v, reg, r, off, size, reg.map?.valueSize ?? 0, 'map value', 'value_size')
      refuseSpecial(reg, off, size)
      return number(constantOf(reg, off, size) ?? ofBytes(size))
    case 'mem':
    case 'ringbuf_mem':
      checkRegion(v, reg, r, off, size, reg.size, 'memory', 'mem_size')
      return number(ofBytes(size))
    default:
      if (isSocket(reg) || reg.type === 'xdp_sock') return loadSocket(reg, access)
      throw denied(`R${r} invalid mem access '${typeName(reg)}'`)
  }
}

/** Bytes of a map that never changes are known. */
function constantOf({ map, off: fixed, scalar }: Reg, off: number, size: number): Scalar | undefined {
  if (!map?.constants || !isKnown(scalar)) return undefined
  const at = fixed + off + Number(scalar.smin)
  let n = 0n
  for (let i = size - 1; i >= 0; i--) n = (n << 8n) | BigInt(map.constants[at + i] ?? 0)
  return known(n)
}

function refuseNull(reg: Reg, r: number): void {
  if (reg.nullable || reg.type === 'scalar') throw denied(`R${r} invalid mem access '${typeName(reg)}'`)
}

/** A store of `value`: a register's content, or a number. */
export function store(v: Verification, access: Access, value: Reg): void {
  const { r, off, size } = access
  const reg = v.read(r)
  refuseNull(reg, r)
  checkAlignment(v, reg, access, false)
  switch (reg.type) {
    case 'ctx':
      storeContext(v, reg, access, value)
      return
    case 'fp':
      writeStack(v, reg, r, off, size, value)
      return
    case 'pkt':
    case 'pkt_meta':
      keepSecret(v, value, access, 'packet')
      checkPacket(v, reg, access)
      v.writesPacket = true
      return
    case 'map_value':
      keepSecret(v, value, access, 'map')
      if (((reg.map?.flags ?? 0) & MAP_FLAG.rdonlyProg) !== 0) {
        throw denied(`write into map forbidden, value_size=${reg.map?.valueSize} off=${reg.off + off} size=${size}`)
      }
      checkRegion(v, reg, r, off, size, reg.map?.valueSize ?? 0, 'map value', 'value_size')
      refuseSpecial(reg, off, size)
      return
    case 'mem':
    case 'ringbuf_mem':
      keepSecret(v, value, access, 'mem')
      if (reg.readonly) throw denied(`R${r} cannot write into ${typeName(reg)}`)
      checkRegion(v, reg, r, off, size, reg.size, 'memory', 'mem_size')
      return
    default:
      if (isSocket(reg)) throw denied(`R${r} cannot write into ${typeName(reg)}`)
      throw denied(`R${r} invalid mem access '${typeName(reg)}'`)
  }
}

/** Refuses to write an address where others can read it. */
function keepSecret(v: Verification, value: Reg, { from }: Access, where: string): void {
  if (!v.privileged && value.type !== 'scalar') throw denied(`R${from ?? 0} leaks addr into ${where}`)
}

/** Offset in the context, which has to be as it was given. */
function contextOffset(reg: Reg, { r, off }: Access): number {
  if (!isKnown(reg.scalar)) throw denied(`variable ctx access ${varOff(reg.scalar)} disallowed`)
  const moved = reg.off + Number(reg.scalar.smin)
  if (moved !== 0) throw denied(`dereference of modified ctx ptr R${r} off=${moved} disallowed`)
  return off
}

function loadContext(v: Verification, reg: Reg, access: Access): Reg {
  const { size } = access
  const off = contextOffset(reg, access)
  const field = fieldAt(v.context, off, size, false, v.input.attachType)
  if (!field) throw denied(`invalid bpf_context access off=${off} size=${size}`)
  v.contextReads.add(field)
  if (field.value === 'scalar') return number(ofBytes(size))
  if (access.signed) throw denied(`invalid bpf_context access off=${off} size=${size}`)
  if (field.value === 'sock') return pointer('sock_common', { nullable: true, id: v.newId() })
  return pointer(field.value)
}

function storeContext(v: Verification, reg: Reg, access: Access, value: Reg): void {
  const off = contextOffset(reg, access)
  const field = fieldAt(v.context, off, access.size, true, v.input.attachType)
  if (!field) throw denied(`invalid bpf_context access off=${off} size=${access.size}`)
  keepSecret(v, value, access, 'ctx')
  v.contextReads.add(field)
  v.contextWrites.add(field)
}

/** Refuses what may lie outside of the bytes that were compared with the end of the packet. */
export function checkPacket(v: Verification, reg: Reg, { r, off, size }: Access): void {
  if (reg.scalar.smin < 0n) {
    throw denied(`R${r} min value is negative, either use unsigned index or do a if (index >=0) check.`)
  }
  const first = reg.off + off
  if (first < 0 || first + size > reg.range || size <= 0) {
    v.say(`invalid access to packet, off=${first} size=${size}, R${r}(id=${reg.id},off=${first},r=${reg.range})`)
    throw denied(`R${r} min value is outside of the allowed memory range`)
  }
  if (reg.scalar.umax > BigInt(PACKET_LIMIT)) throw denied(`R${r} max value is outside of the allowed memory range`)
}

/** Names of memory where an access to it is off its alignment. */
const PLACES: Readonly<Record<string, string>> = {
  fp: 'stack ',
  pkt: 'packet ',
  pkt_meta: 'packet ',
  map_value: 'value ',
}
/** An Ethernet header of 14 bytes leaves what follows 2 bytes off, if it begins where packets do. */
const PACKET_SHIFT = 2

/** The stack is only used aligned; the rest if it is wanted, and where the processor must do it at once. */
export function checkAlignment(v: Verification, reg: Reg, { off, size }: Access, always: boolean): void {
  if (!always && !v.input.strictAlignment && reg.type !== 'fp') return
  const shift = reg.type === 'pkt' || reg.type === 'pkt_meta' ? PACKET_SHIFT : 0
  const { value, mask } = reg.scalar
  const at = BigInt(shift + reg.off + off) + value
  if (at % BigInt(size) === 0n && mask % BigInt(size) === 0n) return
  const fixed = isKnown(reg.scalar) ? `${reg.scalar.smin}` : bitsText(reg.scalar)
  const name = PLACES[reg.type] ?? ''
  throw denied(`misaligned ${name}access off ${shift ? `${shift}+` : ''}${fixed}+${reg.off + off} size ${size}`)
}

/** Fields of `struct bpf_sock` by offset and size, and those that a socket has only once it is known to be a full one. */
const SOCK_FIELDS: readonly (readonly [number, number, boolean])[] = [
  [0, 4, false],
  [4, 4, false],
  [8, 4, true],
  [12, 4, true],
  [16, 4, true],
  [20, 4, true],
  [24, 4, false],
  [28, 16, false],
  [44, 4, false],
  [48, 4, false],
  [52, 4, false],
  [56, 16, false],
  [72, 4, false],
  [76, 4, true],
]

/** Of `struct bpf_tcp_sock`: words, but for two counters of bytes. */
const TCP_SOCK_BYTES = 112
const TCP_SOCK_WIDE: ReadonlySet<number> = new Set([80, 88])

function isFieldOf(reg: Reg, at: number, size: number): boolean {
  if (at % size !== 0) return false
  if (reg.type === 'xdp_sock') return at === 0 && size === 4
  if (reg.type === 'tcp_sock') return at >= 0 && at < TCP_SOCK_BYTES && size === (TCP_SOCK_WIDE.has(at & ~7) ? 8 : 4)
  const field = SOCK_FIELDS.find(([first, length]) => at >= first && at + size <= first + length)
  return field !== undefined && (!field[2] || reg.type !== 'sock_common')
}

function loadSocket(reg: Reg, { r, off, size }: Access): Reg {
  const at = reg.off + off
  if (reg.scalar.smin < 0n || !isKnown(reg.scalar))
    throw denied(`R${r} min value is negative, either use unsigned index or do a if (index >=0) check.`)
  if (!isFieldOf(reg, at, size)) throw denied(`R${r} invalid ${typeName(reg)} access off=${at} size=${size}`)
  return number(ofBytes(size))
}

/** Read-modify-write of memory: what it may touch. */
export function checkAtomic(v: Verification, access: Access): void {
  const reg = v.read(access.r)
  if (reg.type === 'ctx' || reg.type === 'pkt' || reg.type === 'pkt_meta' || isSocket(reg)) {
    throw denied(`BPF_ATOMIC stores into R${access.r} ${typeName(reg)} is not allowed`)
  }
  checkAlignment(v, reg, access, true)
}
