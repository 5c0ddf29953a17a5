import { align4, BITSET, BITSET_BIT, BITSET_BITS, checkAttrs, errno, type PolicyTable, STRICT } from '@netkit/netlink'
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
  if (found[B.size] === 0) return req.refuse(errno.EINVAL, 'missing size in compact bitset', nest)
  const size = req.u32(found[B.size])
  const bytes = Math.ceil(size / 32) * 4
  if (found[B.value] === 0) return req.refuse(errno.EINVAL, 'missing value in compact bitset', nest)
  if (req.attrLength(found[B.value]) !== bytes) {
    return req.refuse(errno.EINVAL, 'bitset value length does not match size', found[B.value])
  }
  const all = (1n << BigInt(known)) - 1n
  const value = readWords(req, found[B.value])
  if (found[B.nomask] !== 0) {
    if (found[B.mask] !== 0) return req.refuse(errno.EINVAL, 'mask not allowed in compact list bitset', nest)
    if (value > all) return req.refuse(errno.EINVAL, 'cannot modify bits past kernel bitset size', found[B.value])
    return { value, mask: all }
  }
  if (found[B.mask] === 0) return req.refuse(errno.EINVAL, 'missing mask in compact nonlist bitset', nest)
  if (req.attrLength(found[B.mask]) !== bytes) {
    return req.refuse(errno.EINVAL, 'bitset mask length does not match size', found[B.mask])
  }
  const mask = readWords(req, found[B.mask])
  if (mask > all) return req.refuse(errno.EINVAL, 'cannot modify bits past kernel bitset size', found[B.mask])
  return { value: value & mask, mask }
}

function readWords(req: Request, attr: number): bigint {
  let bits = 0n
  for (let at = attr + 4, shift = 0n; at < req.attrEnd(attr); at += 4, shift += 32n) {
    bits |= BigInt(req.view.getUint32(at, true)) << shift
  }
  return bits
}

function readList(req: Request, found: Int32Array, names: readonly string[]): RequestedBits | number {
  if (found[B.value] !== 0) return req.refuse(errno.EINVAL, 'value only allowed in compact bitset', found[B.value])
  if (found[B.mask] !== 0) return req.refuse(errno.EINVAL, 'mask only allowed in compact bitset', found[B.mask])
  const whole = found[B.nomask] !== 0
  const bits = { value: 0n, mask: whole ? (1n << BigInt(names.length)) - 1n : 0n }
  const end = req.attrEnd(found[B.bits])
  for (let at = found[B.bits] + 4; end - at >= 4; ) {
    const length = req.view.getUint16(at, true)
    if (length < 4 || at + length > end) break
    if ((req.view.getUint16(at + 2, true) & 0x3fff) !== BITSET_BITS.ids.bit) {
      return req.refuse(errno.EINVAL, 'only ETHTOOL_A_BITSET_BITS_BIT allowed in ETHTOOL_A_BITSET_BITS', at)
    }
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
