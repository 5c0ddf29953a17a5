import { fromHex, toHex } from '@netkit/netlink'
import { Device } from '../net/device.ts'
import { NetNamespace } from '../net/namespace.ts'
import { RxQueue } from '../net/queue.ts'

/** State of the kernel that cannot be written down, or lines that say nothing of a kernel's state. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
}

/** Finds again what references meant. */
export interface Resolver {
  namespace(inode: number): NetNamespace
  device(inode: number, ifindex: number): Device
}

/** The plain data of an object's fields. */
export type Fields = Readonly<Record<string, unknown>>

/** What JSON has no form for: an object with the single key `$kind`. */
type Tagged = Record<string, unknown>

const NUMBERS = { Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Float64Array } as const
type NumbersName = keyof typeof NUMBERS

const isPlainObject = (value: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(value)
  return proto === Object.prototype || proto === null
}

const at = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}.${key}`)

/**
 * The plain data of a value: what JSON can hold, with references to devices, queues and namespaces by their numbers. Throws
 * SnapshotError, naming the place, for functions and objects of other classes: they are somebody's who has to say what is
 * kept of them.
 */
export function toPlain(value: unknown, path = ''): unknown {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value
    case 'number':
      return Number.isFinite(value) ? value : { $float: String(value) }
    case 'bigint':
      return { $big: String(value) }
    case 'undefined':
      return { $undefined: 0 }
    case 'object':
      return value === null ? null : objectToPlain(value, path)
    default:
      throw new SnapshotError(`${path} is a ${typeof value}`)
  }
}

function objectToPlain(value: object, path: string): unknown {
  if (value instanceof Device) return { $device: [value.ns.inode, value.ifindex] }
  if (value instanceof NetNamespace) return { $ns: value.inode }
  if (value instanceof RxQueue) return { $queue: [value.device.ns.inode, value.device.ifindex, value.index] }
  if (value instanceof Uint8Array) return { $bytes: toHex(value) }
  if (value instanceof Map)
    return { $map: [...value].map(([k, v], i) => [toPlain(k, at(path, i)), toPlain(v, at(path, i))]) }
  if (value instanceof Set) return { $set: [...value].map((v, i) => toPlain(v, at(path, i))) }
  if (Array.isArray(value)) return value.map((v, i) => toPlain(v, at(path, i)))
  for (const name of Object.keys(NUMBERS) as NumbersName[]) {
    if (value instanceof NUMBERS[name]) return { [`$${name}`]: [...value] }
  }
  if (!isPlainObject(value)) throw new SnapshotError(`${path} is a ${value.constructor.name}`)
  return fieldsToPlain(value, path)
}

const isSame = (a: unknown, b: unknown): boolean =>
  a instanceof Uint8Array && b instanceof Uint8Array
    ? a.length === b.length && a.every((byte, i) => byte === b[i])
    : Object.is(a, b)

/** The fields of an object, without those named in `skip` and those that are as in `same`. */
export function fieldsToPlain(
  value: object,
  path: string,
  skip: ReadonlySet<string> = new Set(),
  same: object = {},
): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  const usual = same as Record<string, unknown>
  for (const [key, field] of Object.entries(value)) {
    if (skip.has(key) || (key in usual && isSame(usual[key], field))) continue
    fields[key] = toPlain(field, at(path, key))
  }
  return fields
}

/** The value that `toPlain` wrote down. `old`: an object that is filled in, where it is one with fields, and not replaced. */
export function fromPlain(plain: unknown, resolver: Resolver, old?: unknown): unknown {
  if (typeof plain !== 'object' || plain === null) return plain
  if (Array.isArray(plain)) return plain.map((v) => fromPlain(v, resolver))
  const [key] = Object.keys(plain)
  if (key?.startsWith('$')) return fromTagged(key.slice(1), (plain as Tagged)[key], resolver)
  const target = typeof old === 'object' && old !== null ? old : {}
  fillFields(target, plain as Record<string, unknown>, resolver)
  return target
}

/** Sets the fields of an object that were written down; others stay as they are. Returns the object. */
export function fillFields<T extends object>(target: T, plain: Fields, resolver: Resolver): T {
  const fields = target as Record<string, unknown>
  for (const [key, value] of Object.entries(plain)) fields[key] = fromPlain(value, resolver, fields[key])
  return target
}

function fromTagged(kind: string, value: unknown, resolver: Resolver): unknown {
  const list = (): unknown[] => (value as unknown[]).map((v) => fromPlain(v, resolver))
  switch (kind) {
    case 'float':
      return Number(value)
    case 'big':
      return BigInt(value as string)
    case 'undefined':
      return undefined
    case 'bytes':
      return fromHex(value as string)
    case 'map':
      return new Map((value as [unknown, unknown][]).map(([k, v]) => [fromPlain(k, resolver), fromPlain(v, resolver)]))
    case 'set':
      return new Set(list())
    case 'ns':
      return resolver.namespace(value as number)
    case 'device':
      return resolver.device(...(value as [number, number]))
    case 'queue': {
      const [inode, ifindex, index] = value as [number, number, number]
      return resolver.device(inode, ifindex).rxQueue(index)
    }
    default:
      if (kind in NUMBERS) return NUMBERS[kind as NumbersName].from(value as number[])
      throw new SnapshotError(`a value of unknown kind ${kind}`)
  }
}
