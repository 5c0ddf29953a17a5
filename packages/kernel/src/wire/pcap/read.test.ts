import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CaptureFormatError } from './format-error.ts'
import { type CaptureRecord, parseCapture, readCapture } from './read.ts'
import { CaptureBuilder } from './testing/capture-builder.ts'

const FRAME = Uint8Array.of(1, 2, 3, 4, 5, 6, 7)
const ORDERS = [
  { order: 'little-endian', little: true },
  { order: 'big-endian', little: false },
]

const pcap = (little: boolean, magic: number, link = 1) =>
  new CaptureBuilder(little).u32(magic).u16(2, 4).u32(0, 0, 96, link)

const all = (bytes: Uint8Array) => [...parseCapture(bytes)]
const failure = (bytes: Uint8Array) => {
  try {
    return `${all(bytes).length} packets`
  } catch (error) {
    if (error instanceof CaptureFormatError) return error.message
    throw error
  }
}
const inChunks = async (bytes: Uint8Array, sizes: () => number) => {
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; ) {
      const size = sizes()
      yield bytes.slice(at, at + size)
      at += size
    }
  }
  const records: CaptureRecord[] = []
  for await (const record of readCapture(chunks())) records.push(record)
  return records
}

describe.each(ORDERS)('pcap, $order', ({ little }) => {
  test.each([
    ['microseconds', 0xa1b2c3d4, 1_700_000_001_000_123_000n],
    ['nanoseconds', 0xa1b23c4d, 1_700_000_001_000_000_123n],
  ])('%s', (_, magic, timestamp) => {
    const bytes = pcap(little, magic)
      .u32(1_700_000_001, 123, 7, 60)
      .u8(...FRAME)
      .u32(1_700_000_002, 0, 0, 0)
      .build()
    const [first, second] = all(bytes)
    expect(first).toMatchObject({ position: 24, timestamp, data: FRAME, originalLength: 60, comments: [] })
    expect(first.interface).toMatchObject({ index: 0, linkType: 1, snapLength: 96, fcsLength: 0 })
    expect(second).toMatchObject({ position: 24 + 16 + 7, data: new Uint8Array(0) })
  })

  test('frame checksums are told by the link type field', () => {
    expect(all(pcap(little, 0xa1b2c3d4, 0x24000001).u32(0, 0, 0, 0).build())[0].interface).toMatchObject({
      linkType: 1,
      fcsLength: 4,
    })
  })
})

const interfaceBlock = (
  b: CaptureBuilder,
  options: (inner: CaptureBuilder) => unknown = () => undefined,
  snap = 0,
  link = 1,
) =>
  b.block(1, (inner) => {
    inner.u16(link, 0).u32(snap)
    options(inner)
  })
const packetBlock = (
  b: CaptureBuilder,
  ticks: bigint,
  data: Uint8Array,
  options: (inner: CaptureBuilder) => unknown = () => undefined,
  iface = 0,
) =>
  b.block(6, (inner) => {
    inner.u32(iface, Number(ticks >> 32n), Number(ticks & 0xffffffffn), data.length, data.length + 1)
    inner.u8(...data).pad()
    options(inner)
  })

describe.each(ORDERS)('pcapng, $order', ({ little }) => {
  test('interfaces, times, comments and other options of packets', () => {
    const b = new CaptureBuilder(little).section()
    interfaceBlock(b, (i) =>
      i
        .option(2, (o) => o.text('eth0'))
        .option(3, (o) => o.text('uplink'))
        .option(9, (o) => o.u8(9))
        .u32(0),
    )
    packetBlock(b, 1_700_000_000_123_456_789n, FRAME, (o) =>
      o
        .option(1, (c) => c.text('first'))
        .option(2, (f) => f.u32(0x21))
        .option(4, (d) => d.u64(9n))
        .option(5, (p) => p.u64(0x1_0000_0007n))
        .option(6, (q) => q.u32(3))
        .option(1, (c) => c.text('zweiter Kommentar: Ä'))
        .u32(0),
    )
    const [record] = all(b.build())
    expect(record).toMatchObject({
      position: 28 + 52,
      timestamp: 1_700_000_000_123_456_789n,
      data: FRAME,
      originalLength: 8,
      comments: ['first', 'zweiter Kommentar: Ä'],
      direction: 'inbound',
      dropCount: 9n,
      packetId: 0x1_0000_0007n,
      queue: 3,
    })
    expect(record.interface).toMatchObject({ name: 'eth0', description: 'uplink', linkType: 1 })
  })

  test.each([
    ['no resolution: microseconds', [], 5_000_001n, 5_000_001_000n],
    ['10^-3', [9, 3], 7n, 7_000_000n],
    ['10^0', [9, 0], 1_700_000_000n, 1_700_000_000_000_000_000n],
    ['10^-12', [9, 12], 1_234_567n, 1_234n],
    ['2^-10', [9, 0x8a], 1536n, 1_500_000_000n],
    ['2^-32', [9, 0xa0], (3n << 32n) | 0x8000_0000n, 3_500_000_000n],
  ])('resolution %s', (_, option, ticks, timestamp) => {
    const b = new CaptureBuilder(little).section()
    interfaceBlock(b, (i) => (option.length > 0 ? i.option(option[0], (o) => o.u8(option[1])) : i))
    packetBlock(b, ticks, FRAME)
    expect(all(b.build())[0].timestamp).toBe(timestamp)
  })

  test('an offset of seconds', () => {
    const b = new CaptureBuilder(little).section()
    interfaceBlock(b, (i) => i.option(14, (o) => o.u64(1_600_000_000n)).u32(0))
    packetBlock(b, 5_000_001n, FRAME)
    expect(all(b.build())[0].timestamp).toBe(1_600_000_005_000_001_000n)
  })

  test('simple and obsolete packet blocks; name, statistics, custom and unknown blocks are passed over', () => {
    const b = new CaptureBuilder(little).section()
    interfaceBlock(b, undefined, 5)
    b.block(4, (n) => n.u16(0, 0)) // names
    b.block(5, (s) => s.u32(0, 0, 0)) // statistics
    b.block(0x0bad, (c) => c.u32(32473).text('whatever'))
    b.block(0x7fffffff, (u) => u.u8(...new Array(1000).fill(7)))
    b.block(3, (p) => p.u32(7).u8(1, 2, 3, 4, 5))
    b.block(2, (p) =>
      p
        .u16(0, 3)
        .u32(0, 1000, 7, 7)
        .u8(...FRAME)
        .pad()
        .option(2, (f) => f.u32(2))
        .option(1, (c) => c.text('old')),
    )
    const [simple, obsolete] = all(b.build())
    expect(simple).toMatchObject({ timestamp: undefined, data: FRAME.slice(0, 5), originalLength: 7, comments: [] })
    expect(obsolete).toMatchObject({ timestamp: 1_000_000n, data: FRAME, direction: 'outbound', comments: ['old'] })
  })
})

test('a section may follow another of the other byte order, and numbers its interfaces anew', () => {
  const first = new CaptureBuilder(true).section()
  interfaceBlock(first, (i) => i.option(2, (o) => o.text('a')))
  packetBlock(first, 1n, FRAME)
  const second = new CaptureBuilder(false).section()
  interfaceBlock(second, (i) => i.option(2, (o) => o.text('b')))
  packetBlock(second, 2n, FRAME)
  const records = all(Uint8Array.from([...first.build(), ...second.build()]))
  expect(records.map((record) => [record.interface.index, record.interface.name, record.timestamp])).toEqual([
    [0, 'a', 1000n],
    [1, 'b', 2000n],
  ])
  const missing = new CaptureBuilder(true).section()
  packetBlock(missing, 1n, FRAME)
  expect(failure(Uint8Array.from([...first.build(), ...missing.build()]))).toMatch(
    /^a packet of interface 0, but the section has described 0 \(byte \d+\)$/,
  )
})

describe('what cannot be read is said with its place', () => {
  const ng = () => interfaceBlock(new CaptureBuilder().section()) // 28 + 20 bytes
  const edited = (b: CaptureBuilder, at: number, value: number) => {
    const bytes = b.build()
    new DataView(bytes.buffer).setUint32(at, value, true)
    return bytes
  }
  const good = () => packetBlock(ng(), 1n, FRAME) // 48 + 40 bytes
  const cases: Record<string, [bytes: Uint8Array, message: string]> = {
    nothing: [new Uint8Array(0), 'the capture is empty (byte 0)'],
    'too little': [Uint8Array.of(0xd4, 0xc3), 'the capture ends inside its magic number (byte 2)'],
    'something else': [new TextEncoder().encode('hello'), 'neither pcap nor pcapng begins with 0x68656c6c (byte 0)'],
    gzip: [Uint8Array.of(0x1f, 0x8b, 8, 0), 'the capture is compressed by gzip; decompress it first (byte 0)'],
    zstd: [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), 'the capture is compressed by zstd; decompress it first (byte 0)'],
    'extended pcap': [pcap(true, 0xa1b2cd34).build(), 'pcap with extended record headers is not supported (byte 0)'],
    'a pcap version': [edited(pcap(true, 0xa1b2c3d4), 4, 3), 'pcap version 3 is not known (byte 4)'],
    'a cut pcap header': [
      pcap(true, 0xa1b2c3d4).build().slice(0, 20),
      'the capture ends inside the file header (byte 20)',
    ],
    'a cut record header': [
      pcap(true, 0xa1b2c3d4).u32(0, 0).build(),
      'the capture ends inside a record header (byte 32)',
    ],
    'a cut packet': [
      pcap(true, 0xa1b2c3d4).u32(0, 0, 7, 7).u8(1, 2).build(),
      'the capture ends inside a packet (byte 42)',
    ],
    'a monstrous record': [
      pcap(true, 0xa1b2c3d4).u32(0, 0, 0x7fffffff, 7).build(),
      'a record of 2147483647 bytes is not believable (byte 32)',
    ],
    'a pcapng version': [edited(ng(), 12, 2), 'pcapng version 2 is not known (byte 12)'],
    'no byte-order magic': [edited(ng(), 8, 0x11111111), 'no byte-order magic in a section header (byte 8)'],
    'a length that is no multiple of 4': [edited(good(), 52, 41), 'a block of type 6 cannot have 41 bytes (byte 52)'],
    'a length below the smallest': [edited(good(), 52, 28), 'a block of type 6 cannot have 28 bytes (byte 52)'],
    'a monstrous block': [edited(good(), 52, 0x40000000), 'a block of 1073741824 bytes is not believable (byte 52)'],
    'another length at the end': [edited(good(), 84, 44), 'a block of 40 bytes ends as one of 44 (byte 84)'],
    'a packet longer than its block': [edited(good(), 68, 9), 'a packet of 9 bytes goes past its block (byte 68)'],
    'an unknown interface': [
      edited(good(), 56, 1),
      'a packet of interface 1, but the section has described 1 (byte 56)',
    ],
    'a cut block': [good().build().slice(0, 80), 'the capture ends inside a block (byte 80)'],
    'a cut unknown block': [
      ng()
        .block(99, (b) => b.u32(1, 2, 3))
        .build()
        .slice(0, 60),
      'the capture ends inside a block (byte 60)',
    ],
    'another length at the end of an unknown block': [
      edited(
        ng().block(99, (b) => b.u32(1)),
        60,
        20,
      ),
      'a block of 16 bytes ends as one of 20 (byte 60)',
    ],
    'an option past its block': [
      packetBlock(ng(), 1n, FRAME, (o) => o.u16(1, 5).u8(1, 2, 3, 4)).build(),
      'option 1 of 5 bytes goes past its block (byte 84)',
    ],
  }
  test.each(Object.entries(cases))('%s', async (_, [bytes, message]) => {
    expect(failure(bytes)).toBe(message)
    await expect(inChunks(bytes, () => 3)).rejects.toThrow(message)
  })

  test('packets before the bad place are given', () => {
    const records: CaptureRecord[] = []
    expect(() => {
      for (const record of parseCapture(edited(packetBlock(good(), 2n, FRAME), 88 + 4, 3))) records.push(record)
    }).toThrow(CaptureFormatError)
    expect(records.length).toBe(1)
  })
})

describe('chunks', () => {
  const capture = (() => {
    const b = interfaceBlock(new CaptureBuilder().section())
    for (let n = 0; n < 30; n++) {
      packetBlock(
        b,
        BigInt(n),
        Uint8Array.from({ length: n * 7 }, (_, i) => i + n),
        (o) => o.option(1, (c) => c.text(`packet ${n}`)),
      )
      if (n % 5 === 0) b.block(99, (u) => u.u8(...new Array(n * 11).fill(n)))
    }
    return b.build()
  })()

  test('of any size give the same packets', async () => {
    const whole = all(capture)
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 1, max: 300 })), async (sizes) => {
        expect(await inChunks(capture, () => sizes.next().value)).toEqual(whole)
      }),
      { numRuns: 60 },
    )
    expect(await inChunks(capture, () => 1)).toEqual(whole)
  })

  test('may be parts of larger buffers', () => {
    const buffer = new Uint8Array(capture.length + 13)
    buffer.set(capture, 13)
    expect(all(buffer.subarray(13))).toEqual(all(capture))
  })

  test('garbage and damaged captures give packets or one error with a place inside', () => {
    const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), {
      minLength: 1,
      maxLength: 8,
    })
    const inputs = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from([...capture.slice(0, 28), ...bytes])),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from([...pcap(true, 0xa1b2c3d4).build(), ...bytes])),
      fc.tuple(damage, fc.nat()).map(([edits, cut]) => {
        const bytes = capture.slice(0, cut % 2 === 0 ? capture.length : cut % capture.length)
        for (const { at, byte } of edits) bytes[at % bytes.length] = byte
        return bytes
      }),
    )
    fc.assert(
      fc.property(inputs, (bytes) => {
        let end = 0
        try {
          for (const record of parseCapture(bytes)) end = Math.max(end, record.position + record.data.length)
          expect(end).toBeLessThanOrEqual(bytes.length)
        } catch (error) {
          expect(error).toBeInstanceOf(CaptureFormatError)
          const { offset } = error as CaptureFormatError
          expect(offset).toBeGreaterThanOrEqual(0)
          expect(offset).toBeLessThanOrEqual(bytes.length)
        }
      }),
      { numRuns: 5_000 },
    )
  })
})
