import { NLM_F_ACK, NLM_F_CREATE, RT_LINK } from '@netkit/netlink'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Device } from '../../net/device.ts'
import { PacketBatch } from '../../packet/batch.ts'
import { checksumOk } from '../../packet/checksum.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { bytesOf, makeLinear, makeWritable, push, trim } from '../../packet/edit.ts'
import * as F from '../../packet/fields.ts'
import { linkRequest, must } from '../../testing/bench.ts'
import { lessee, setUp } from '../../testing/generic.ts'
import { HEADERS, ProviderLab, tcpFrame } from '../../testing/provider-lab.ts'
import { nicState } from './state.ts'

// Source: spec 03 §2.8, §2.9.
describe('a packet that cannot be read', () => {
  let lab: ProviderLab
  let handle: number
  const frame = tcpFrame(700)
  beforeEach(() => {
    lab = new ProviderLab()
    lab.open()
    handle = lab.receive(frame)[0]
    push(lab.packets, handle, 14)
  })

  const state = (of = handle) => lab.packets.fields[(of << F.PKT_SHIFT) + F.PKT_STATE]
  const send = (dev: Device) => {
    const batch = new PacketBatch(1)
    batch.push(handle)
    lab.kernel.path.transmit(dev, batch)
  }
  const device = (name: string) => {
    const dev = lab.ns.names.get(name)
    if (!dev) throw new Error(`no ${name}`)
    setUp(lab, dev, true)
    return dev
  }

  it('passes a netkit pair as it is', () => {
    lessee(lab, { pair: true })
    const [primary, peer] = ['nk0-m', 'nk0'].map(device)
    const buf = lab.bufOf(handle)
    lab.packets.memory.copies.reset()
    send(primary)
    expect(lab.received).toEqual([handle])
    expect([peer.counters.rxPackets, lab.bufOf(handle), state() & F.FLAG_UNREADABLE]).toEqual([
      1,
      buf,
      F.FLAG_UNREADABLE,
    ])
    expect(lab.packets.memory.copies.bytes.every((n) => n === 0)).toBe(true)
  })

  it('is dropped by a cable and by loopback, and its buf comes back', () => {
    const route = lab.route()
    must(
      route,
      linkRequest(RT_LINK.newlink, { ifname: 'v0', linkinfo: { kind: 'veth' } }, {}, NLM_F_ACK | NLM_F_CREATE),
    )
    for (const dev of [device('v0'), device('lo')]) {
      if (dev.iflink !== dev.ifindex)
        setUp(lab, [...lab.ns.devices.values()].find((d) => d.ifindex === dev.iflink) as Device, true)
      send(dev)
      expect(dev.counters.txDropped).toBe(1)
      ;[handle] = lab.receive(frame)
      push(lab.packets, handle, 14)
    }
    lab.packets.free(handle)
    expect(lab.packets.fragments.inUse).toBe(0)
  })

  it('is sent by a NIC, which fetches all of it', () => {
    send(lab.nic)
    expect(lab.sent).toEqual([frame])
    expect(nicState(lab.nic).txTraffic[1].packets).toBe(1)
  })

  it('shows the kernel its headers only', () => {
    const { packets } = lab
    expect(bytesOf(packets, handle)).toEqual(frame.slice(0, HEADERS))
    expect(makeLinear(packets, handle, HEADERS)).toBe(true)
    expect(makeLinear(packets, handle, HEADERS + 1)).toBe(false)
    packets.fields[(handle << F.PKT_SHIFT) + F.PKT_STATE] &= ~F.CSUM_MASK
    expect(checksumOk(packets, handle, 34, 0)).toBe(false)
  })

  it('is cloned with a reference of its own, and gets a head of its own', () => {
    const { packets } = lab
    const buf = lab.bufOf(handle)
    packets.memory.copies.reset()
    const clone = packets.clone(handle)
    expect([packets.bufs.poolRefs[buf], state(clone) & F.FLAG_UNREADABLE]).toEqual([2, F.FLAG_UNREADABLE])
    expect(makeWritable(packets, clone, 512)).toBe(true)
    const { bytes } = packets.memory.copies
    expect(bytes[COPY.expand] + bytes[COPY.unshare]).toBe(HEADERS)
    packets.free(handle)
    expect(packets.bufs.poolRefs[buf]).toBe(1)
    expect(lab.bufOf(clone)).toBe(buf)
  })

  it('can be read again when nothing but its headers is left', () => {
    trim(lab.packets, handle, HEADERS + 1)
    expect(state() & F.FLAG_UNREADABLE).not.toBe(0)
    trim(lab.packets, handle, HEADERS)
    expect(state() & F.FLAG_UNREADABLE).toBe(0)
  })
})
