import { describe, expect, test } from 'vitest'
import { PacketBatch } from '../packet/batch.ts'
import {
  CSUM_PARTIAL,
  GSO_TCPV4,
  PKT_CSUM,
  PKT_CSUM_FIELD,
  PKT_DATA,
  PKT_GSO,
  PKT_GSO_TYPE,
  PKT_LENGTH,
  PKT_SHIFT,
  PKT_STATE,
  PKT_VLAN,
} from '../packet/fields.ts'
import { TrafficLab } from '../testing/traffic-lab.ts'
import type { Device } from './device.ts'
import { featureSet, wantFeatures } from './features.ts'
import { prepareTransmit } from './prepare-transmit.ts'
import { TX_FRAGMENTS, TX_SVLAN, TX_VLAN } from './tx-offloads.ts'

const PAYLOAD = 2500
const HEADERS = 54

/** A TCP packet to be cut every 1000 bytes. */
function send(lab: TrafficLab, dev: Device): void {
  const { packets } = lab.kernel.path
  const frame = new Uint8Array(HEADERS + PAYLOAD).fill(1, HEADERS)
  frame.set([8, 0, 0x45, 0, (PAYLOAD + 40) >> 8, (PAYLOAD + 40) & 0xff], 12)
  frame.set([64, 6], 22)
  frame[46] = 0x50
  const handle = lab.packet(frame)
  const { fields } = packets
  const i = handle << PKT_SHIFT
  fields[i + PKT_GSO] = 1000 | (3 << 16)
  fields[i + PKT_GSO_TYPE] = GSO_TCPV4
  fields[i + PKT_STATE] |= CSUM_PARTIAL
  fields[i + PKT_CSUM] = fields[i + PKT_DATA] + 34
  fields[i + PKT_CSUM_FIELD] = 16
  const batch = new PacketBatch(1)
  batch.push(handle)
  lab.kernel.path.transmit(dev, batch)
}

const without = (lab: TrafficLab, dev: Device, names: string): void =>
  wantFeatures(lab.kernel, dev, (dev.driver.features?.wanted ?? 0n) & ~featureSet(names))

const lengths = (lab: TrafficLab, device: string, direction: string): number[] =>
  lab
    .seen()
    .filter((sight) => sight.device === device && sight.direction === direction)
    .map(({ data }) => data.length)

const CUT = [1054, 1054, 554]

describe('what a device leaves to the kernel', () => {
  test('nothing, of a pair as it is made: a packet crosses whole', () => {
    const lab = new TrafficLab()
    lab.pair('nk', 'eth', 'pod')
    lab.watch()
    send(lab, lab.dev('nk'))
    expect(lengths(lab, 'nk', 'out')).toEqual([HEADERS + PAYLOAD])
  })

  test.each(['nk', 've'])('segments, of %s without segmentation: captures see them', (name) => {
    const lab = new TrafficLab()
    lab.pair('nk', 'eth', 'pod')
    lab.cable('ve', 'eth', 'pod2')
    lab.watch()
    const dev = lab.dev(name)
    without(lab, dev, 'tx-tcp-segmentation')
    send(lab, dev)
    expect(lengths(lab, name, 'out')).toEqual(CUT)
    expect(dev.counters.txPackets).toBe(3)
    expect(lab.kernel.path.packets.table.inUse).toBe(0)
  })

  test('segments longer than the device takes', () => {
    const lab = new TrafficLab()
    lab.pair('nk', 'eth', 'pod')
    lab.watch()
    const dev = lab.dev('nk')
    dev.gsoMaxSize = 2000
    send(lab, dev)
    expect(lengths(lab, 'nk', 'out')).toEqual(CUT)
  })

  test.each([
    [TX_VLAN, 0x81000005, 60],
    [TX_SVLAN, 0x81000005, 64],
    [TX_SVLAN, 0x88a80005, 60],
    [0, 0x88a80005, 64],
  ])('tags, of a device that can %d: %d', (offloads, vlan, length) => {
    const lab = new TrafficLab()
    lab.pair('nk', 'eth')
    const { path } = lab.kernel
    const batch = new PacketBatch(1)
    batch.push(lab.packet(new Uint8Array(60)))
    const i = batch.handles[0] << PKT_SHIFT
    path.packets.fields[i + PKT_VLAN] = vlan
    prepareTransmit(path, lab.dev('nk'), batch, offloads | TX_FRAGMENTS)
    expect(path.packets.fields[i + PKT_LENGTH]).toBe(length)
    expect(path.packets.fields[i + PKT_VLAN]).toBe(length === 60 ? vlan | 0 : 0)
  })

  test('segments cross a wire, whether the NIC cuts them or the kernel; a capture sees which', () => {
    for (const off of ['', 'tx-tcp-segmentation']) {
      const lab = new TrafficLab()
      const { sent } = lab.nic('eno1')
      lab.watch()
      const dev = lab.dev('eno1')
      if (off !== '') without(lab, dev, off)
      send(lab, dev)
      expect(lengths(lab, 'eno1', 'out')).toEqual(off === '' ? [HEADERS + PAYLOAD] : CUT)
      expect(sent.map((frame) => frame.length)).toEqual(CUT)
      expect(sent.map((frame) => (frame[38] << 24) | (frame[39] << 16) | (frame[40] << 8) | frame[41])).toEqual([
        0, 1000, 2000,
      ])
    }
  })
})
