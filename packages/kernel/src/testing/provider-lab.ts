import { TCP_DATA_SPLIT } from '@netkit/netlink'
import { connectWire } from '../drivers/nic/port.ts'
import { nicState } from '../drivers/nic/state.ts'
import type { Device } from '../net/device.ts'
import { openProvider } from '../net/provider-open.ts'
import { changeFlags } from '../net/updown.ts'
import * as F from '../packet/fields.ts'
import { FunctionSink, InjectSource } from '../wire/function-wire.ts'
import { SplitWire } from '../wire/split-wire.ts'
import type { SimulatedWorld } from '../world.ts'
import { AreaProvider } from './area-provider.ts'
import { Bench } from './bench.ts'

export const HEADERS = 54
export const BUFS = 96
export const RING = 32

/** A frame of TCP over IPv4 with a payload of its own. */
export function tcpFrame(payload: number, seed = 1): Uint8Array {
  const frame = new Uint8Array(HEADERS + payload)
  const length = frame.length - 14
  frame.set([2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, length >> 8, length & 0xff, 0, 0, 0, 0, 64, 6])
  frame.set([10, 0, 0, 1, 10, 0, 0, 2, 0, 80, 0, 81], 26)
  frame[46] = 0x50
  for (let n = 0; n < payload; n++) frame[HEADERS + n] = (n * 7 + seed) & 0xff
  return frame
}

/** A NIC whose queue 1 gets all frames, and a provider for it. */
export class ProviderLab extends Bench {
  nic: Device
  source = new InjectSource()
  readonly sent: Uint8Array[] = []
  readonly packets = this.kernel.path.packets
  /** Packets that came up, kept. */
  readonly received: number[] = []
  readonly provider: AreaProvider

  constructor(bufs = BUFS) {
    super()
    this.nic = this.plug()
    this.kernel.path.protocols = {
      begin: () => undefined,
      done: () => undefined,
      ip: (_dev, handle) => void this.received.push(handle),
      ipv6: (_dev, handle) => void this.received.push(handle),
      arp: (_dev, handle) => void this.received.push(handle),
    }
    this.provider = new AreaProvider(this.packets, bufs)
  }

  /** A new NIC that is up; it has the number 1. */
  plug(): Device {
    const { kernel } = this
    this.nic = kernel.nics.plug({ ns: this.ns, queues: 2, id: 1 })
    const state = nicState(this.nic)
    state.rings = { ...state.rings, rx: RING, tcpDataSplit: TCP_DATA_SPLIT.enabled }
    this.source = new InjectSource()
    connectWire(kernel, this.nic, new SplitWire(this.source, new FunctionSink((frame) => this.sent.push(frame))))
    state.rss.setTable(new Array(128).fill(1), 2)
    changeFlags(kernel, this.nic, this.nic.flags | 1)
    return this.nic
  }

  open(queue = 1, rxPageSize = 0) {
    return openProvider(this.kernel, this.nic, queue, { provider: this.provider, rxPageSize })
  }

  receive(...frames: Uint8Array[]): number[] {
    this.source.inject(frames)
    this.kernel.path.run()
    return this.received.splice(0)
  }

  /** Lets time pass. */
  pass(seconds: number): void {
    ;(this.kernel.world as SimulatedWorld).advance(BigInt(seconds) * 1_000_000_000n)
  }

  bufOf(handle: number): number {
    const fragment = this.packets.fields[(handle << F.PKT_SHIFT) + F.PKT_FRAGMENTS]
    return this.packets.fragments.cookie(fragment)
  }
}
