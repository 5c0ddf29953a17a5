import { describe, expect, test } from 'vitest'
import { PacketBatch } from '../packet/batch.ts'
import { COPY } from '../packet/copy-reason.ts'
import { DROP } from '../packet/drop-reason.ts'
import { pull } from '../packet/edit.ts'
import * as F from '../packet/fields.ts'
import type { Region } from '../packet/memory.ts'
import { Packets } from '../packet/packets.ts'
import { parseCapture } from '../wire/pcap/read.ts'
import { simulatedWorld } from '../world.ts'
import { CaptureNotes } from './notes.ts'
import { CaptureSession, type CaptureSessionOptions } from './session.ts'
import { CaptureTaps } from './taps.ts'

const EPOCH = 1_700_000_000_000_000_000n

const capturing = (options: Partial<CaptureSessionOptions> = {}) => {
  const packets = new Packets()
  const world = simulatedWorld()
  const notes = new CaptureNotes()
  const described: number[] = []
  const session = new CaptureSession({
    packets,
    world,
    epoch: EPOCH,
    notes,
    describe: (device) => {
      described.push(device)
      return device === 9 ? undefined : { name: `dev${device}`, description: `device ${device}` }
    },
    ...options,
  })
  const make = (length = 60, edit: (fields: Int32Array, i: number) => void = () => undefined) => {
    const handle = packets.allocFromArray(
      Uint8Array.from({ length }, (_, i) => i),
      COPY.userIn,
    )
    edit(packets.fields, handle << F.PKT_SHIFT)
    return handle
  }
  const drain = () => {
    const chunks: Uint8Array[] = []
    for (let chunk = session.take(); chunk; chunk = session.take()) chunks.push(chunk)
    return chunks
  }
  const records = () => [...parseCapture(Uint8Array.from(drain().flatMap((chunk) => [...chunk])))]
  return { packets, world, notes, described, session, make, drain, records }
}

describe('a capture', () => {
  test('says of each packet where, when, which way and why', () => {
    const { world, notes, session, make, records, described, packets } = capturing()
    world.advance(5n)
    const handle = make(60, (fields, i) => {
      fields[i + F.PKT_QUEUE] = 4
      fields[i + F.PKT_STATE] = F.TYPE_MULTICAST
    })
    session.see(handle, 1, false)
    world.advance(10n)
    session.see(handle, 70, true, notes.note('policy: blackhole'))
    session.see(handle, 1, true, notes.drop(DROP.DEV_READY))
    expect(described).toEqual([1, 70])
    const all = records()
    expect(
      all.map(({ timestamp, direction, comments, queue, ...record }) => [
        timestamp,
        record.interface.name,
        direction,
        comments,
        queue,
      ]),
    ).toEqual([
      [EPOCH + 5n, 'dev1', 'inbound', [], 3],
      [EPOCH + 15n, 'dev70', 'outbound', ['policy: blackhole'], 3],
      [EPOCH + 15n, 'dev1', 'outbound', ['drop reason: DEV_READY'], 3],
    ])
    expect(new Set(all.map((record) => record.packetId)).size).toBe(1)
    expect(all[0].interface).toMatchObject({ description: 'device 1', snapLength: 262144 })
    expect(all[0].data).toEqual(Uint8Array.from({ length: 60 }, (_, i) => i))
    expect(packets.table.isLive(handle)).toBe(true)
    expect(packets.memory.copies.bytes[COPY.capture]).toBe(180)
  })

  test('begins with the link-layer header, also where it was taken off', () => {
    const { session, make, records, packets } = capturing()
    const handle = make(60, (fields, i) => {
      fields[i + F.PKT_MAC] = fields[i + F.PKT_DATA]
    })
    pull(packets, handle, 14)
    session.see(handle, 1, false)
    session.see(handle, 1, true)
    expect(records().map(({ data, originalLength }) => [data[0], data.length, originalLength])).toEqual([
      [0, 60, 60],
      [14, 46, 46],
    ])
  })

  test('cuts at the snap length, and leaves out what cannot be read, but says how long the packet was', () => {
    const { session, make, records, packets } = capturing({ snapLength: 63 })
    const area = packets.memory.reserve('area', 64) as Region
    packets.memory.copyArrayIn(area.offset, Uint8Array.of(201, 202, 203, 204, 205), COPY.userIn)
    const owner = packets.fragments.addOwner({ retain: () => undefined, release: () => undefined })
    const fragmented = (flags: number) =>
      make(60, (fields, i) => {
        const first = packets.fragments.alloc(area.offset, 2, owner, 0)
        packets.fragments.link(first, packets.fragments.alloc(area.offset + 2, 3, owner, 0))
        fields[i + F.PKT_FRAGMENTS] = first
        fields[i + F.PKT_LENGTH] += 5
        fields[i + F.PKT_STATE] |= flags
      })
    session.see(make(100), 1, true)
    session.see(fragmented(0), 1, true)
    session.see(fragmented(F.FLAG_UNREADABLE), 1, true)
    expect(records().map(({ data, originalLength }) => [data.length, data.at(-1), originalLength])).toEqual([
      [63, 62, 100],
      [63, 203, 65],
      [60, 59, 65],
    ])
  })

  test('leaves out devices that are not wanted, and asks for each once', () => {
    const { session, make, records, described } = capturing()
    const handle = make()
    for (const device of [9, 9, 3, 3, 9]) session.see(handle, device, true)
    expect(described).toEqual([9, 3])
    session.forget(3)
    session.see(handle, 3, true)
    expect(described).toEqual([9, 3, 3])
    expect(records().map((record) => record.interface.index)).toEqual([0, 0, 1])
  })

  test('loses packets when nobody reads, and says how many once, with the next one', () => {
    const { session, make, drain } = capturing({ limit: 2000 })
    const handle = make()
    for (let n = 0; n < 50; n++) session.see(handle, 1, true)
    const { captured, lost } = session
    expect(captured).toBeGreaterThan(5)
    expect(lost).toBe(50 - captured)
    const chunks = drain()
    expect(chunks.reduce((sum, chunk) => sum + chunk.length, 0)).toBeLessThanOrEqual(2000)
    session.see(handle, 1, true)
    session.see(handle, 1, true)
    session.close()
    session.see(handle, 1, true)
    chunks.push(...drain())
    const records = [...parseCapture(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])))]
    expect(records.length).toBe(captured + 2)
    expect(records.map((record) => record.dropCount).filter((count) => count !== undefined)).toEqual([BigInt(lost)])
    expect(records.at(-2)?.dropCount).toBe(BigInt(lost))
    expect([session.captured, session.lost]).toEqual([captured + 2, lost])
  })

  test('a reader gets packets as they come, and an end', async () => {
    const { session, make, world } = capturing()
    const chunks: Uint8Array[] = []
    const reading = (async () => {
      for await (const chunk of session.read()) chunks.push(chunk)
    })()
    const handle = make()
    const seen = () => [...parseCapture(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])))].length
    await new Promise((resolve) => setTimeout(resolve, 0))
    session.see(handle, 1, true)
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(seen()).toBe(1)
    const batch = new PacketBatch()
    for (let n = 0; n < 10; n++) batch.push(handle)
    world.advance(1n)
    session.seeBatch(batch, 1, true)
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(seen()).toBe(11)
    session.close()
    session.close()
    await reading
    expect(seen()).toBe(11)
  })
})

describe('taps', () => {
  test('cost nothing while nobody captures, and show packets to all captures', () => {
    const { session, make, packets, world, notes, records } = capturing()
    const other = new CaptureSession({ packets, world, notes, describe: () => ({ name: 'x' }) })
    const taps = new CaptureTaps()
    expect(taps.active).toBe(0)
    taps.add(session)
    taps.add(other)
    expect(() => taps.add(other)).toThrow('already')
    expect(taps.active).toBe(2)
    const batch = new PacketBatch()
    batch.push(make())
    taps.seeBatch(batch, 1, true)
    taps.see(batch.handles[0], 1, false, 0)
    taps.forget(1)
    taps.remove(other)
    taps.remove(other)
    taps.see(batch.handles[0], 1, false, 0)
    expect([session.captured, other.captured, taps.active]).toEqual([3, 2, 1])
    taps.remove(session)
    expect(taps.active).toBe(0)
    expect(records().length).toBe(3)
  })
})

test('notes have one number a text', () => {
  const notes = new CaptureNotes()
  expect(notes.option(0)).toBeUndefined()
  expect(notes.drop(DROP.NOMEM)).toBe(notes.note('drop reason: NOMEM'))
  expect(notes.note('a')).not.toBe(notes.note('b'))
  expect(notes.option(notes.note('a'))).toBe(notes.option(notes.note('a')))
})
