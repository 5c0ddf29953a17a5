import { errno } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import * as F from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import { wireLength } from '../context/wire-length.ts'

/** Bytes of a `struct __sk_buff`. */
export const SK_BUFF_BYTES = 192
/** Where fields are that go in or out. */
const AT = {
  mark: 8,
  priority: 32,
  ingressIfindex: 36,
  ifindex: 40,
  cb: 48,
  data: 76,
  dataEnd: 80,
  dataMeta: 140,
  tstamp: 152,
  wireLen: 160,
  gsoSegs: 164,
  gsoSize: 176,
  hwtstamp: 184,
} as const
export const CB_BYTES = 20
const MOST_WIRE_BYTES = 65536
const MOST_SEGMENTS = 65535
/** Bytes that have to be zero: all that cannot be given. Each with the first one that can be again. */
const CLOSED: readonly (readonly [number, number])[] = [
  [0, 8],
  [12, 32],
  [44, 48],
  [68, 80],
  [84, 152],
  [168, 176],
  [180, 184],
]

/** What a client says about the packet of a test run. */
export class TestContext {
  readonly bytes: Uint8Array
  readonly #view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset)
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true)
  }

  #set(at: number, value: number): void {
    this.#view.setUint32(at, value, true)
  }

  /** Bytes of the linear part; 0 if nothing is said, -1 if it cannot be. */
  linear(size: number): number {
    const end = this.u32(AT.dataEnd)
    return end > size || this.u32(AT.data) !== 0 || this.u32(AT.dataMeta) !== 0 ? -1 : end
  }

  /** The device that the packet is at; ENODEV. */
  device(ns: NetNamespace, loopback: Device): Device | number {
    const ifindex = this.u32(AT.ifindex)
    return ifindex > 1 ? (ns.devices.get(ifindex) ?? -errno.ENODEV) : loopback
  }

  get cb(): Uint8Array {
    return this.bytes.subarray(AT.cb, AT.cb + CB_BYTES)
  }

  /** Takes what is said over to the packet; EINVAL. */
  apply(packets: Packets, handle: number): number {
    for (const [from, to] of CLOSED) if (this.bytes.subarray(from, to).some((byte) => byte !== 0)) return -errno.EINVAL
    const { fields } = packets
    const i = handle << F.PKT_SHIFT
    const wire = this.u32(AT.wireLen)
    if (wire !== 0 && (wire < fields[i + F.PKT_LENGTH] || wire > MOST_WIRE_BYTES)) return -errno.EINVAL
    if (this.u32(AT.gsoSegs) > MOST_SEGMENTS) return -errno.EINVAL
    fields[i + F.PKT_MARK] = this.u32(AT.mark)
    fields[i + F.PKT_PRIORITY] = this.u32(AT.priority)
    fields[i + F.PKT_IIF] = this.u32(AT.ingressIfindex)
    fields[i + F.PKT_TSTAMP_LO] = this.u32(AT.tstamp)
    fields[i + F.PKT_TSTAMP_HI] = this.u32(AT.tstamp + 4)
    fields[i + F.PKT_GSO] = (this.u32(AT.gsoSegs) << 16) | (this.u32(AT.gsoSize) & 0xffff)
    fields[i + F.PKT_HWTSTAMP_LO] = this.u32(AT.hwtstamp)
    fields[i + F.PKT_HWTSTAMP_HI] = this.u32(AT.hwtstamp + 4)
    return 0
  }

  /** What programs see as wire_len. */
  wireLength(packets: Packets, handle: number): number {
    return this.u32(AT.wireLen) || packets.fields[(handle << F.PKT_SHIFT) + F.PKT_LENGTH] || wireLength(packets, handle)
  }

  /** Takes over what became of the packet. */
  tell({ fields }: Packets, handle: number, dev: Device, cb: Uint8Array, wire: number): void {
    const i = handle << F.PKT_SHIFT
    this.#set(AT.mark, fields[i + F.PKT_MARK])
    this.#set(AT.priority, fields[i + F.PKT_PRIORITY])
    this.#set(AT.ingressIfindex, fields[i + F.PKT_IIF])
    this.#set(AT.ifindex, dev.ifindex)
    this.#set(AT.tstamp, fields[i + F.PKT_TSTAMP_LO])
    this.#set(AT.tstamp + 4, fields[i + F.PKT_TSTAMP_HI])
    this.bytes.set(cb, AT.cb)
    this.#set(AT.wireLen, wire)
    this.#set(AT.gsoSegs, fields[i + F.PKT_GSO] >>> 16)
    this.#set(AT.hwtstamp, fields[i + F.PKT_HWTSTAMP_LO])
    this.#set(AT.hwtstamp + 4, fields[i + F.PKT_HWTSTAMP_HI])
  }
}
