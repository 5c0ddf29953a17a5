import type { TapDevice } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import { DROP } from '../packet/drop-reason.ts'
import { bytesOf } from '../packet/edit.ts'
import { Packets } from '../packet/packets.ts'
import { SplitWire } from './split-wire.ts'
import { TapSink, TapSource } from './tap-wire.ts'
import { takeFrame } from './testing/take-frame.ts'
import { WireFrame } from './wire.ts'

/** A TAP interface whose machine has frames waiting, and takes as many as it is told. */
class FakeTap implements TapDevice {
  readonly received = new Uint8Array(2048).subarray(8) as Uint8Array<ArrayBuffer>
  offset = 0
  readonly waiting: Uint8Array[] = []
  readonly sent: Uint8Array[] = []
  room = 8
  ready: (() => void) | undefined
  closed = false

  receive(): number {
    const frame = this.waiting.shift()
    if (!frame) return 0
    this.offset += 16
    this.received.set(frame, this.offset)
    return frame.length
  }

  send(memory: ArrayBufferLike, offset: number, length: number): boolean {
    if (this.sent.length >= this.room) return false
    this.sent.push(new Uint8Array(memory).slice(offset, offset + length))
    return true
  }

  open(ready: () => void): void {
    this.ready = ready
  }

  close(): void {
    this.closed = true
  }
}

function plugged() {
  const tap = new FakeTap()
  const packets = new Packets()
  const wire = new SplitWire(new TapSource(tap), new TapSink(tap))
  let asked = 0
  wire.attach({ packets, ready: () => asked++, carrier: () => undefined, unplugged: () => undefined })
  return { tap, packets, wire, asked: () => asked }
}

test('frames come one after the other, each from the same place', () => {
  const { tap, packets, wire, asked } = plugged()
  tap.waiting.push(Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5))
  tap.ready?.()
  expect(asked()).toBe(1)
  const frame = new WireFrame()
  const got: number[][] = []
  while (wire.next(frame)) {
    const handle = takeFrame(packets, frame)
    got.push([...bytesOf(packets, handle)])
    packets.free(handle)
  }
  expect(got).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
})

test('frames leave out of packet memory; what the machine does not take is dropped', () => {
  const { tap, packets, wire } = plugged()
  tap.room = 1
  const batch = new PacketBatch(4)
  for (const bytes of [Uint8Array.of(7, 8, 9), Uint8Array.of(1)]) batch.push(packets.allocFromArray(bytes, COPY.userIn))
  wire.transmit(batch)
  expect(tap.sent).toEqual([Uint8Array.of(7, 8, 9)])
  expect(packets.drops.counts[DROP.WIRE_FULL]).toBe(1)
  expect(packets.table.inUse).toBe(0)
})

test('unplugging closes the interface, and nothing is asked of it any more', () => {
  const { tap, wire } = plugged()
  tap.waiting.push(Uint8Array.of(1))
  wire.detach()
  expect(tap.closed).toBe(true)
  expect(wire.next(new WireFrame())).toBe(false)
})
