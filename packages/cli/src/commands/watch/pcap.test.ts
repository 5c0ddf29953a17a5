import { readFileSync } from 'node:fs'
import { fromHex } from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frameText } from './frame-text.ts'
import { cutAfter, PcapngReader, readFrames } from './pcap.ts'
import { stamp } from './time.ts'

const file = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../../../examples/captures/${name}`, import.meta.url)))

describe('recordings', () => {
  test.each([
    ['http.pcapng', 142],
    ['dns.pcapng', 106],
    ['ping.pcap', undefined],
    ['to-host-nano.pcap', undefined],
    ['to-host.pcapng', undefined],
  ])('%s', (name, frames) => {
    const found = readFrames(file(name))
    if (frames !== undefined) expect(found).toHaveLength(frames)
    expect(found.length).toBeGreaterThan(10)
    for (const f of found) {
      expect(f.bytes.length).toBeLessThanOrEqual(f.length)
      expect(f.time).toBeGreaterThan(1_600_000_000_000_000)
    }
    expect(found.every((f, i) => i === 0 || f.time >= found[i - 1].time)).toBe(true)
  })

  test('the same traffic in two formats', () => {
    const [nano, ng] = ['to-host-nano.pcap', 'to-host.pcapng'].map((name) => readFrames(file(name)))
    expect(nano.map((f) => f.bytes)).toEqual(ng.map((f) => f.bytes))
  })

  test('are cut behind a packet', () => {
    const whole = file('dns.pcapng')
    const { end, packets } = cutAfter(whole, 3)
    expect(packets).toBe(3)
    expect([...new PcapngReader().feed(whole.subarray(0, end))]).toHaveLength(3)
    expect(cutAfter(whole, 1_000_000)).toMatchObject({ end: whole.length, packets: 106 })
  })

  test.each(['ping.pcap', 'dns.pcapng'])('%s without its end is refused', (name) => {
    const whole = file(name)
    expect(() => readFrames(whole.subarray(0, whole.length - 3))).toThrow('the recording is cut')
  })

  test('any bytes are frames or a reason why not', () => {
    const heads = [
      '0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000',
      'd4c3b2a1020004000000000000000000ffff000001000000',
      '',
    ]
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 120 }), (head, rest) => {
        const bytes = new Uint8Array([...fromHex(head), ...rest])
        let frames: ReturnType<typeof readFrames> = []
        try {
          frames = readFrames(bytes)
        } catch (e) {
          expect(e).toBeInstanceOf(Error)
          expect((e as Error).message).toMatch(/recording|pcap/)
        }
        for (const frame of frames) frameText(frame)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a frame in one line', () => {
  const text = (hex: string, comment?: string) =>
    frameText({ time: 0, device: 'nk0', bytes: fromHex(hex), length: 60, comment })
      .slice(16)
      .trimEnd()
  const ether = '020000000002020000000001'

  test.each([
    ['0806 0001080006040001 020000000001 0a000001 000000000000 0a000002', 'ARP who has 10.0.0.2 tell 10.0.0.1'],
    ['0806 0001080006040002 020000000002 0a000002 020000000001 0a000001', 'ARP 10.0.0.2 is at 02:00:00:00:00:02'],
    [
      '0800 4500002800000000 40060000 0a000001 0a000002 1f90 0050 00000000 00000000 5012',
      'TCP 10.0.0.1.8080 > 10.0.0.2.80 [S.]',
    ],
    ['0800 4500002800002000 40110000 0a000001 0a000002 0035 0036', 'UDP 10.0.0.1.53 > 10.0.0.2.54'],
    ['0800 4500002800000001 40110000 0a000001 0a000002 0035 0036', 'UDP 10.0.0.1 > 10.0.0.2'],
    ['8100 0007 0800 4500002800000000 40010000 0a000001 0a000002', 'vlan 7, ICMP 10.0.0.1 > 10.0.0.2'],
    [
      '86dd 6000000000003aff fe800000000000000000000000000001 ff0200000000000000000001ff000002',
      'ICMPv6 fe80::1 > ff02::1:ff00:2',
    ],
    [
      '86dd 6000000000001140 00000000000000000000000000000000 20010db8000000010000000000000000 0035 0036',
      'UDP ::.53 > 2001:db8:0:1::.54',
    ],
    ['88cc 00', '02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 0x88cc'],
    ['0800 45', '02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 0x0800'],
  ])('%s', (rest, wanted) => {
    expect(text(ether + rest.replaceAll(' ', ''))).toBe(`nk0 ${wanted}, length 60`)
  })

  test('why it was dropped', () => {
    expect(text(`${ether}88cc`, 'blackhole')).toBe(
      'nk0 02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype 0x88cc, length 60 (blackhole)',
    )
  })
})

test('moments, as ip monitor writes them', () => {
  const ms = new Date(2026, 0, 5, 9, 3, 7, 12).getTime()
  expect(stamp(ms, 'none')).toBe('')
  expect(stamp(ms, 'short')).toBe('[2026-01-05T09:03:07.012000] ')
  expect(stamp(ms, 'long')).toBe('Timestamp: Mon Jan  5 09:03:07 2026 012000 usec\n')
})
