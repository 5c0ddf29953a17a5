import type { Device } from '../../net/device.ts'
import type { PacketPath } from '../../net/path.ts'
import { PacketBatch } from '../../packet/batch.ts'
import { DROP } from '../../packet/drop-reason.ts'
import { makeWritable, push } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import { put16 } from './address.ts'

// Engines fold constants of the own module, not imported ones.
const { PKT_DATA, PKT_DEVICE, PKT_LENGTH, PKT_MAC, PKT_NETWORK, PKT_PROTOCOL, PKT_SHIFT } = layout

const ETHERNET = 14
const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd

/** Packets on their way to a device, sent together. Their order stays. */
export class Outgoing {
  readonly #path: PacketPath
  #dev: Device | undefined
  #batch = new PacketBatch()
  /** Batches that are not in use: sending may lead to more sending. */
  readonly #spare: PacketBatch[] = []

  constructor(path: PacketPath) {
    this.#path = path
  }

  /** Puts an Ethernet header before a packet that begins with its network header, and queues it. */
  frame(dev: Device, to: Uint8Array, v6: boolean, handle: number): void {
    this.link(dev, to, v6 ? ETH_P_IPV6 : ETH_P_IP, handle)
  }

  link(dev: Device, to: Uint8Array, ethertype: number, handle: number): void {
    const { packets } = this.#path
    if (!makeWritable(packets, handle, ETHERNET) || !push(packets, handle, ETHERNET)) {
      this.#path.drop(dev, handle, DROP.NOMEM)
      return
    }
    const { fields } = packets.table
    const { u8 } = packets.memory
    const i = handle << PKT_SHIFT
    const at = fields[i + PKT_DATA]
    const from = dev.address
    for (let n = 0; n < 6; n++) {
      u8[at + n] = to[n]
      u8[at + 6 + n] = from[n]
    }
    put16(u8, at + 12, ethertype)
    fields[i + PKT_MAC] = at
    fields[i + PKT_NETWORK] = at + ETHERNET
    fields[i + PKT_PROTOCOL] = ethertype
    fields[i + PKT_DEVICE] = 0
    this.add(dev, handle)
  }

  /** Queues a frame. */
  add(dev: Device, handle: number): void {
    if (this.#dev !== dev || this.#batch.room === 0) this.flush()
    this.#dev = dev
    this.#batch.push(handle)
  }

  flush(): void {
    const dev = this.#dev
    if (dev === undefined) return
    const batch = this.#batch
    this.#dev = undefined
    this.#batch = this.#spare.pop() ?? new PacketBatch()
    this.#path.transmit(dev, batch)
    this.#spare.push(batch)
  }

  /** Bytes of a packet. */
  lengthOf(handle: number): number {
    return this.#path.packets.fields[(handle << PKT_SHIFT) + PKT_LENGTH]
  }
}
