import { describe, expect, test } from 'vitest'
import { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import { DROP } from '../packet/drop-reason.ts'
import { bytesOf } from '../packet/edit.ts'
import * as F from '../packet/fields.ts'
import type { Region } from '../packet/memory.ts'
import { Packets } from '../packet/packets.ts'
import { CABLE_FRAMES, cable } from './cable.ts'
import { FunctionSink, INJECT_FRAMES, InjectSource } from './function-wire.ts'
import { SplitWire } from './split-wire.ts'
import { takeFrame } from './testing/take-frame.ts'
import { type Wire, WireFrame, type WirePort } from './wire.ts'

/** As much of a NIC as a wire needs. */
const nic = (wire: Wire, packets = new Packets()) => {
  const frame = new WireFrame()
  const seen = { ready: 0, carrier: [] as boolean[] }
  const port: WirePort = {
    packets,
    ready: () => seen.ready++,
    carrier: (on) => seen.carrier.push(on),
    unplugged: () => undefined,
  }
  wire.attach(port)
  wire.enable(true)
  return {
    packets,
    seen,
    send: (...frames: Uint8Array[]) => {
      const batch = new PacketBatch(frames.length)
      for (const bytes of frames) batch.push(packets.allocFromArray(bytes, COPY.userIn))
      wire.transmit(batch)
      expect(batch.count).toBe(0)
    },
    receive: () => {
      const received: Uint8Array[] = []
      while (wire.next(frame)) {
        const handle = takeFrame(packets, frame)
        received.push(bytesOf(packets, handle))
        packets.free(handle)
      }
      return received
    },
  }
}

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('a cable', () => {
  test('carries packets between two NICs without a copy, and nothing but their bytes', () => {
    const packets = new Packets()
    const [a, b] = cable()
    nic(a, packets)
    const far = nic(b, packets)
    const handle = packets.allocFromArray(bytes(1, 2, 3), COPY.userIn)
    const i = handle << F.PKT_SHIFT
    for (let word = F.PKT_DEVICE; word <= F.PKT_STATE; word++) packets.fields[i + word] = 1
    const batch = new PacketBatch()
    batch.push(handle)
    const address = packets.fields[i + F.PKT_DATA]
    a.transmit(batch)
    expect(far.seen.ready).toBeGreaterThan(0)
    const frame = new WireFrame()
    expect(b.next(frame)).toBe(true)
    expect(frame).toMatchObject({ handle, offset: address, length: 3 })
    expect(frame.bytes.u8[frame.offset + 2]).toBe(3)
    expect(takeFrame(packets, frame)).toBe(handle)
    expect(packets.fields[i + F.PKT_DATA]).toBe(address)
    for (const word of [
      F.PKT_DEVICE,
      F.PKT_QUEUE,
      F.PKT_TSTAMP_LO,
      F.PKT_MARK,
      F.PKT_PRIORITY,
      F.PKT_PROTOCOL,
      F.PKT_STATE,
    ]) {
      expect(packets.fields[i + word]).toBe(0)
    }
    expect(packets.memory.copies.bytes[COPY.wireIn] + packets.memory.copies.bytes[COPY.wireOut]).toBe(0)
    expect(b.next(frame)).toBe(false)
  })

  test('has a link at an end while the other end is plugged in and open', () => {
    const packets = new Packets()
    const [a, b] = cable()
    const near = nic(a, packets)
    expect(near.seen.carrier).toEqual([false])
    const far = nic(b, packets)
    expect(far.seen.carrier).toEqual([true])
    expect(near.seen.carrier).toEqual([false, true])
    b.enable(false)
    b.enable(true)
    b.detach()
    expect(near.seen.carrier).toEqual([false, true, false, true, false])
    expect(far.seen.carrier).toEqual([true, false])
  })

  test('drops with a reason what cannot arrive', () => {
    const packets = new Packets()
    const [a, b] = cable(2)
    const near = nic(a, packets)
    near.send(bytes(1))
    expect(packets.drops.entries()).toEqual([{ name: 'NO_WIRE', count: 1 }])
    const far = nic(b, packets)
    near.send(bytes(1), bytes(2), bytes(3))
    expect(packets.drops.counts[DROP.WIRE_FULL]).toBe(1)
    expect(far.receive()).toEqual([bytes(1), bytes(2)])
    near.send(bytes(4), bytes(5))
    b.enable(false)
    near.send(bytes(6))
    expect(packets.drops.counts[DROP.DEVICE_GONE]).toBe(2)
    expect(packets.drops.counts[DROP.NO_WIRE]).toBe(2)
    b.enable(true)
    expect(far.receive()).toEqual([])
    expect(packets.table.inUse).toBe(0)
  })

  test('carries fragments, also those that cannot be read', () => {
    const packets = new Packets()
    const [a, b] = cable()
    nic(a, packets)
    const far = nic(b, packets)
    const area = packets.memory.reserve('area', 64) as Region
    packets.memory.copyArrayIn(area.offset, bytes(7, 8), COPY.userIn)
    const owner = packets.fragments.addOwner({ retain: () => undefined, release: () => undefined })
    for (const flags of [0, F.FLAG_UNREADABLE]) {
      const handle = packets.allocFromArray(bytes(1), COPY.userIn)
      const i = handle << F.PKT_SHIFT
      packets.fields[i + F.PKT_FRAGMENTS] = packets.fragments.alloc(area.offset, 2, owner, 0)
      packets.fields[i + F.PKT_LENGTH] += 2
      packets.fields[i + F.PKT_STATE] = flags
      const batch = new PacketBatch()
      batch.push(handle)
      a.transmit(batch)
    }
    expect(far.receive()).toEqual([bytes(1, 7, 8), bytes(1, 7, 8)])
    expect(packets.drops.entries()).toEqual([])
    expect(packets.fragments.inUse).toBe(0)
  })

  test('keeps the order over many times its length', () => {
    const packets = new Packets()
    const [a, b] = cable(5)
    const near = nic(a, packets)
    const far = nic(b, packets)
    const received: Uint8Array[] = []
    for (let n = 0; n < 50; n += 4) {
      near.send(bytes(n), bytes(n + 1), bytes(n + 2), bytes(n + 3))
      received.push(...far.receive())
    }
    expect(received).toEqual(Array.from({ length: 52 }, (_, n) => bytes(n)))
    expect(CABLE_FRAMES).toBeGreaterThan(64)
  })

  test('joins NICs of one kernel only', () => {
    const [a, b] = cable()
    nic(a)
    expect(() => nic(b)).toThrow('one kernel')
    expect(() => nic(a)).toThrow('plugged in already')
  })
})

describe('a wire to functions', () => {
  test('hands out what is sent and takes in what is injected', () => {
    const sent: Uint8Array[] = []
    const source = new InjectSource()
    expect(source.inject([bytes(1)])).toBe(0)
    const wire = new SplitWire(source, new FunctionSink((frame) => sent.push(frame)))
    const port = nic(wire)
    expect(port.seen.carrier).toEqual([true])
    port.send(bytes(1, 2), bytes(3))
    expect(sent).toEqual([bytes(1, 2), bytes(3)])
    expect(source.inject([bytes(9), bytes(8)])).toBe(2)
    expect(source.pending).toBe(2)
    expect(port.receive()).toEqual([bytes(9), bytes(8)])
    expect(port.packets.memory.copies.copies[COPY.wireIn]).toBe(2)
    wire.detach()
    expect(port.seen.carrier).toEqual([true, false])
    expect(source.inject([bytes(1)])).toBe(0)
    expect(port.packets.table.inUse).toBe(0)
  })

  test('takes no more than the NIC can catch up with', () => {
    const source = new InjectSource()
    const port = nic(new SplitWire(source, undefined))
    const many = Array.from({ length: INJECT_FRAMES + 5 }, (_, n) => bytes(n & 0xff))
    expect(source.inject(many)).toBe(INJECT_FRAMES)
    expect(source.inject(many)).toBe(0)
    expect(port.receive().length).toBe(INJECT_FRAMES)
    // One behind for ever: nothing may pile up.
    const frame = new WireFrame()
    const slow = new InjectSource(4)
    const wire = new SplitWire(slow, undefined)
    nic(wire)
    slow.inject([bytes(0)])
    for (let n = 1; n < 100; n++) {
      slow.inject([bytes(n)])
      expect(wire.next(frame)).toBe(true)
      expect(frame.bytes.u8[frame.offset]).toBe(n - 1)
      expect(slow.pending).toBe(1)
    }
  })

  test('without a function, frames go nowhere', () => {
    const port = nic(new SplitWire(undefined, undefined))
    port.send(bytes(1))
    expect(port.receive()).toEqual([])
    expect(port.packets.table.inUse).toBe(0)
  })
})
