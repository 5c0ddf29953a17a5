import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byteViews } from '../../packet/copy.ts'
import { PcapWriter } from './pcap-writer.ts'
import { commentOption } from './pcapng-options.ts'
import { PacketHead, PcapngWriter } from './pcapng-writer.ts'
import { bigToTime } from './timestamp.ts'

const installed = (() => {
  try {
    for (const tool of ['tshark', 'capinfos']) execFileSync(tool, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const FRAME = Uint8Array.from(
  '0a0b0c0d0e0f020304050607080045000028000100004006f9c50a0000010a000002123400500000000100000002501000001d2b0000'.match(
    /../g,
  ) as string[],
  (byte) => Number.parseInt(byte, 16),
)
const TIME = 1_700_000_000_123_456_789n

// Skipped where Wireshark's tools are not installed: they are the judges here.
describe.skipIf(!installed)('in the eyes of tshark and capinfos', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'capture-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const write = (name: string, fill: (emit: (chunk: Uint8Array) => void) => void) => {
    const chunks: Uint8Array[] = []
    fill((chunk) => void chunks.push(chunk))
    const path = join(folder, name)
    writeFileSync(path, Buffer.concat(chunks))
    return path
  }
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TZ: 'UTC' },
    })

  const pcapng = () =>
    write('a.pcapng', (emit) => {
      const writer = new PcapngWriter(emit, {
        application: 'some program',
        os: 'some system',
        hardware: 'some machine',
      })
      writer.addInterface({ name: 'eth0', description: 'a NIC', snapLength: 262144 })
      writer.addInterface({ name: 'nk0', macAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) })
      const head = new PacketHead()
      bigToTime(TIME, head)
      head.originalLength = FRAME.length
      head.flags = 1
      head.queue = 3
      head.packetId = 42
      writer.packet(head, byteViews(FRAME), 0, FRAME.length)
      head.iface = 1
      head.flags = 2
      head.dropCount = 5
      head.comment = commentOption('drop reason: DEV_READY')
      head.originalLength = 1400
      bigToTime(TIME + 1_000_000n, head)
      writer.packet(head, byteViews(FRAME), 0, FRAME.length)
      writer.statistics(0, { received: 1, dropped: 0, start: TIME, end: TIME + 2_000_000n })
      writer.statistics(1, { received: 6, dropped: 5, end: TIME + 2_000_000n })
      writer.flush()
    })

  test('the packets of a pcapng file, field by field', () => {
    const fields = [
      'frame.interface_name',
      'frame.time_epoch',
      'frame.cap_len',
      'frame.len',
      'frame.packet_flags_direction',
    ]
    const more = ['frame.drop_count', 'frame.packet_id', 'frame.interface_queue', 'frame.comment', 'tcp.dstport']
    const args = [...fields, ...more].flatMap((field) => ['-e', field])
    const rows = run('tshark', '-r', pcapng(), '-T', 'fields', '-E', 'separator=|', ...args)
      .trimEnd()
      .split('\n')
    // Versions print flags in different widths.
    expect(rows.map((row) => row.replace(/\|0x0*/, '|'))).toEqual([
      'eth0|1700000000.123456789|54|54|1||42|3||80',
      'nk0|1700000000.124456789|54|1400|2|5|42|3|drop reason: DEV_READY|80',
    ])
  })

  test('what capinfos says of a pcapng file', () => {
    const said = run('capinfos', '-M', pcapng())
    for (const line of [
      /File type: .*pcapng/,
      /Number of packets: +2$/m,
      /Capture application: some program/,
      /Capture oper-sys: +some system/,
      /Capture hardware: +some machine/,
      /Number of interfaces in file: 2/,
      /Name = eth0/,
      /Description = a NIC/,
      /Encapsulation = Ethernet \(1 - ether\)/,
      /Time precision = nanoseconds \(9\)/,
      /Number of stat entries = 1/,
    ]) {
      expect(said).toMatch(line)
    }
  })

  test.each([
    [true, '1700000000.123456789'],
    [false, '1700000000.123456000'],
  ])('a pcap file, nanoseconds: %s', (nanoseconds, time) => {
    const path = write(`${nanoseconds}.pcap`, (emit) => {
      const writer = new PcapWriter(emit, { nanoseconds })
      const words = { tsHi: 0, tsLo: 0 }
      bigToTime(TIME, words)
      writer.packet(words, byteViews(FRAME), 0, 53, FRAME.length)
      writer.packet(words, byteViews(FRAME), 0, FRAME.length, FRAME.length)
      writer.flush()
    })
    const rows = run(
      'tshark',
      '-r',
      path,
      '-T',
      'fields',
      '-e',
      'frame.time_epoch',
      '-e',
      'frame.cap_len',
      '-e',
      'ip.dst',
    )
    expect(rows.trimEnd().split('\n')).toEqual([`${time}\t53\t10.0.0.2`, `${time}\t54\t10.0.0.2`])
  })
})
