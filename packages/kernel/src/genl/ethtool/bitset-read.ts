import { align4, BITSET, BITSET_BIT, checkAttrs, errno, NLA_F_NESTED, type PolicyTable, STRICT } from '@netkit/netlink'
import { readByteString } from '../../net/bytestring.ts'
import type { Request } from '../../net/request.ts'

const B = BITSET.ids
const BIT = BITSET_BIT.ids

/** Bits that a request is about, and their values. */
export interface RequestedBits {
  readonly value: bigint
  readonly mask: bigint
}

/** Validates the content of a nest that the command's policy did not look into. */
function open(req: Request, nest: number, policy: PolicyTable): Int32Array | number {
  if ((req.view.getUint16(nest + 2, true) & NLA_F_NESTED) === 0) {
    return req.refuse(errno.EINVAL, 'NLA_F_NESTED is missing', nest)
  }
  const found = new Int32Array(policy.maxId + 1)
  const error = checkAttrs(req, nest + 4, req.attrEnd(nest), policy, STRICT, found)
  return error === 0 ? found : error
}

/** Reads a bit set of a request, as a list or compact. `names`: of all bits there are. Returns a negative errno if it is wrong. */
export function readBitset(req: Request, nest: number, names: readonly string[]): RequestedBits | number {
  const found = open(req, nest, BITSET.policy)
  if (typeof found === 'number') return found
  return found[B.bits] === 0 ? readCompact(req, nest, found, names.length) : readList(req, found, names)
}

function readCompact(req: Request, nest: number, found: Int32Array, known: number): RequestedBits | number {
  const error = checkCompact(req, nest, found)
  if (error !== 0) return error
  const size = req.u32(found[B.size])
  const whole = found[B.nomask] !== 0
  const value = readWords(req, found[B.value], size)
  const mask = whole ? value : readWords(req, found[B.mask], size)
  if (mask > allOf(known)) {
    const at = found[whole ? B.value : B.mask]
    return req.refuse(errno.EINVAL, 'cannot modify bits past kernel bitset size', at)
  }
  return whole ? { value, mask: allOf(known) } : { value: value & mask, mask }
}

const allOf = (bits: number): bigint => (1n << BigInt(bits)) - 1n

/** Whether all is there that belongs together, in the lengths that the size demands. */
function checkCompact(req: Request, nest: number, found: Int32Array): number {
  const whole = found[B.nomask] !== 0
  if (whole && found[B.mask] !== 0) return req.refuse(errno.EINVAL, 'mask not allowed in list bitset', found[B.mask])
  if (found[B.size] === 0) return req.refuse(errno.EINVAL, 'missing size in compact bitset', nest)
  if (found[B.value] === 0) return req.refuse(errno.EINVAL, 'missing value in compact bitset', nest)
  if (!whole && found[B.mask] === 0) return req.refuse(errno.EINVAL, 'missing mask in compact nonlist bitset', nest)
  const bytes = Math.ceil(req.u32(found[B.size]) / 32) * 4
  if (req.attrLength(found[B.value]) !== bytes) {
    return req.refuse(errno.EINVAL, 'bitset value length does not match size', found[B.value])
  }
  if (!whole && req.attrLength(found[B.mask]) !== bytes) {
    return req.refuse(errno.EINVAL, 'bitset mask length does not match size', found[B.mask])
  }
  return 0
}

/** The first `size` bits of words of 32 bits. */
function readWords(req: Request, attr: number, size: number): bigint {
  let bits = 0n
  for (let at = attr + 4, shift = 0n; at < req.attrEnd(attr); at += 4, shift += 32n) {
    bits |= BigInt(req.view.getUint32(at, true)) << shift
  }
  return bits & allOf(size)
}

function readList(req: Request, found: Int32Array, names: readonly string[]): RequestedBits | number {
  if (found[B.value] !== 0) return req.refuse(errno.EINVAL, 'value only allowed in compact bitset', found[B.value])
  if (found[B.mask] !== 0) return req.refuse(errno.EINVAL, 'mask only allowed in compact bitset', found[B.mask])
  const whole = found[B.nomask] !== 0
  const bits = { value: 0n, mask: whole ? allOf(names.length) : 0n }
  const end = req.attrEnd(found[B.bits])
  // Whatever the attributes in the list are called, each is a bit.
  for (let at = found[B.bits] + 4; end - at >= 4; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    const one = readBit(req, at, names)
    if (typeof one === 'number') return one
    bits.mask |= one.bit
    if (whole || one.set) bits.value |= one.bit
    at += align4(length)
  }
  return bits
}

/** One bit of a list, by number, by name, or by both if they agree. */
function readBit(req: Request, at: number, names: readonly string[]): { bit: bigint; set: boolean } | number {
  const found = open(req, at, BITSET_BIT.policy)
  if (typeof found === 'number') return found
  const name =
    found[BIT.name] === 0 ? undefined : readByteString(req.bytes, found[BIT.name] + 4, req.attrEnd(found[BIT.name]))
  let index: number
  if (found[BIT.index] !== 0) {
    index = req.u32(found[BIT.index])
    if (index >= names.length) return req.refuse(errno.EOPNOTSUPP, 'bit index too high', found[BIT.index])
    if (name !== undefined && name !== names[index]) return req.refuse(errno.EINVAL, 'bit index and name mismatch', at)
  } else if (name !== undefined) {
    index = names.indexOf(name)
    if (index < 0) return req.refuse(errno.EOPNOTSUPP, 'bit name not found', found[BIT.name])
  } else return req.refuse(errno.EINVAL, 'neither bit index nor name specified', at)
  return { bit: 1n << BigInt(index), set: found[BIT.value] !== 0 }
}
