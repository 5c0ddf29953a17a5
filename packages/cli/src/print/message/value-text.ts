import { type Codec, type Data, toHex } from '@netkit/netlink'
import { compact, type Json } from '../json.ts'
import { flagNames } from '../link/flags.ts'

/** The value of an attribute for people: names of enums and bits, strings in quotes, bytes in hex. */
export function valueText(value: unknown, codec: Codec<unknown>): string {
  if (value instanceof Uint8Array) return value.length > 0 ? `0x${toHex(value)}` : 'empty'
  if (value instanceof Map) return compact(Object.fromEntries([...value].map(([k, v]) => [String(k), asJson(v)])))
  if (Array.isArray(value) && codec.names) return value.length > 0 ? value.join('|') : '0'
  if (typeof value === 'string') return codec.names || codec.kind === 'address' ? value : JSON.stringify(value)
  if (value === true) return 'set'
  if (typeof value === 'object') return compact(asJson(value))
  return String(value)
}

function asJson(value: unknown): Json {
  if (value instanceof Uint8Array) return toHex(value)
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [String(k), asJson(v)]))
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, asJson(v)]))
  }
  return value as Json
}

/** A field of a structure; device flags by name. */
export function structFieldText(structure: string, name: string, data: Data, at: number, size: number): string {
  if (size === 8) return data.u64(at).toString()
  if (size === 2) return data.u16(at).toString()
  if (size === 1) return data.u8(at).toString()
  if (structure === 'struct ifinfomsg' && (name === 'flags' || name === 'change')) return deviceFlags(data.u32(at))
  return structure === 'struct ifinfomsg' && name === 'ifindex' ? data.s32(at).toString() : data.u32(at).toString()
}

const RUNNING = 0x40

function deviceFlags(flags: number): string {
  if (flags === 0) return '0'
  if (flags === 0xffff_ffff) return '0xffffffff'
  const names = flagNames(flags | RUNNING)
  if ((flags & RUNNING) !== 0) names.push('RUNNING')
  return names.join('|')
}
