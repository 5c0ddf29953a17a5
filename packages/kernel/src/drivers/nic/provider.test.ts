import { errno, type RestartStep, TCP_DATA_SPLIT } from '@netkit/netlink'
import { beforeEach, describe, expect, it } from 'vitest'
import { closeProvider, openProvider } from '../../net/provider-open.ts'
import { unregisterDevices } from '../../net/register.ts'
import { changeFlags } from '../../net/updown.ts'
import { COPY } from '../../packet/copy-reason.ts'
import { readBytes } from '../../packet/edit.ts'
import * as F from '../../packet/fields.ts'
import { gather } from '../../packet/gather.ts'
import { AreaProvider } from '../../testing/area-provider.ts'
import { Bench } from '../../testing/bench.ts'
import { BUFS, HEADERS, ProviderLab, RING, tcpFrame } from '../../testing/provider-lab.ts'
import { nicState } from './state.ts'

describe('a queue with a memory provider', () => {
  let lab: ProviderLab
  beforeEach(() => {
    lab = new ProviderLab()
    expect(lab.open()).toBeUndefined()
  })

  it('has its ring filled, and the rest waits', () => {
    expect(nicState(lab.nic).rx[1]?.posted).toBe(RING)
    const pool = [...lab.provider.pools][0]
    expect([pool.inflight, pool.stats.allocFast, pool.stats.allocEmpty]).toEqual([64, RING - 1, 1])
    expect(lab.provider.waiting.length).toBe(BUFS - 64)
  })

  it('receives payload into a buf, written once, and headers beside it', () => {
    const { packets } = lab
    packets.memory.copies.reset()
    const frame = tcpFrame(1000)
    const [handle] = lab.receive(frame)
    const i = handle << F.PKT_SHIFT
    expect(packets.fields[i + F.PKT_LINEAR]).toBe(HEADERS - 14)
    expect(packets.fields[i + F.PKT_STATE] & F.FLAG_UNREADABLE).not.toBe(0)
    const fragment = packets.fields[i + F.PKT_FRAGMENTS]
    const offset = packets.fragments.offset(fragment)
    const start = packets.bufs.offset(lab.bufOf(handle))
    expect([offset >= start, offset + 1000 <= start + 4096]).toEqual([true, true])
    expect([...packets.memory.u8.slice(offset, offset + 1000)]).toEqual([...frame.slice(HEADERS)])
    const { bytes } = packets.memory.copies
    expect(bytes[COPY.wireIn]).toBe(frame.length)
    expect(bytes.reduce((sum, n) => sum + n, 0)).toBe(frame.length)
    packets.free(handle)
    expect(packets.bufs.poolRefs[lab.bufOf(handle)]).toBe(1)
  })

  it('replaces a buf before it goes up, and drops when there is none', () => {
    const frames = Array.from({ length: BUFS }, (_, n) => tcpFrame(10, n))
    const up = lab.receive(...frames)
    expect(up.length).toBe(BUFS - RING)
    const losses = nicState(lab.nic).rxLosses[1]
    expect(losses).toEqual({ allocFail: RING, hwDrops: 0, hwDropOverruns: 0 })
    expect(nicState(lab.nic).rx[1]?.posted).toBe(RING)
    // The application lets go of one, and the next frame comes through.
    lab.packets.free(up[0])
    expect(lab.receive(tcpFrame(10)).length).toBe(1)
  })

  it('takes several bufs for much payload, and none for none', () => {
    lab.nic.mtu = 9000
    const [large, small] = lab.receive(tcpFrame(8000), tcpFrame(0))
    const { packets } = lab
    const first = packets.fields[(large << F.PKT_SHIFT) + F.PKT_FRAGMENTS]
    expect([packets.fragments.length(first), packets.fragments.length(packets.fragments.next(first))]).toEqual([
      4096, 3904,
    ])
    const state = packets.fields[(small << F.PKT_SHIFT) + F.PKT_STATE]
    expect(state & F.FLAG_UNREADABLE).toBe(0)
  })

  it('drops what cannot be split and does not fit beside payload', () => {
    lab.nic.mtu = 9000
    const icmp = tcpFrame(100)
    icmp[23] = 1
    const long = tcpFrame(4000)
    long[23] = 1
    expect(lab.receive(icmp, long).length).toBe(1)
    expect(nicState(lab.nic).rxLosses[1].hwDrops).toBe(1)
  })

  it('does not let the kernel read payload, but hardware send it', () => {
    const frame = tcpFrame(100)
    const [handle] = lab.receive(frame)
    const { packets } = lab
    const out = { u8: new Uint8Array(200), i32: new Int32Array(50) }
    expect(readBytes(packets, handle, 0, 41, out, 0, COPY.userOut)).toBe(false)
    const to = packets.memory.reserve('out', 200)?.offset ?? 0
    gather(packets, handle, 0, 140, to, COPY.wireOut)
    expect([...packets.memory.u8.slice(to, to + 140)]).toEqual([...frame.slice(14)])
  })

  it('gives back every buf when it is closed, those in use later', () => {
    const [handle] = lab.receive(tcpFrame(100))
    const [pool] = lab.provider.pools
    closeProvider(lab.kernel, lab.nic, 1, lab.provider)
    expect(lab.nic.rxQueue(1)?.memoryProvider).toBeUndefined()
    expect([pool.inflight, pool.detachedAt]).toEqual([1, 0n])
    expect(lab.provider.waiting.length).toBe(BUFS - 1)
    // The queue goes on with memory of its own, readable and split.
    const [next] = lab.receive(tcpFrame(100))
    expect(lab.packets.fields[(next << F.PKT_SHIFT) + F.PKT_STATE] & F.FLAG_UNREADABLE).toBe(0)
    expect(lab.packets.fields[(next << F.PKT_SHIFT) + F.PKT_FRAGMENTS]).not.toBe(0)
    lab.packets.free(handle)
    expect(lab.provider.waiting.length).toBe(BUFS)
    expect([...lab.provider.pools]).toEqual([pool])
    lab.pass(1)
    expect([...lab.provider.pools]).toEqual([])
  })

  it('is told when its device goes', () => {
    unregisterDevices(lab.kernel, [lab.nic])
    expect(lab.provider.told).toEqual([lab.nic.rxQueue(1)])
    expect(lab.provider.waiting.length).toBe(BUFS)
    expect([...lab.provider.pools]).toEqual([])
  })

  it('keeps it while its device is down', () => {
    changeFlags(lab.kernel, lab.nic, lab.nic.flags & ~1)
    expect(lab.provider.waiting.length).toBe(BUFS)
    changeFlags(lab.kernel, lab.nic, lab.nic.flags | 1)
    expect(nicState(lab.nic).rx[1]?.posted).toBe(RING)
    expect(lab.receive(tcpFrame(1)).length).toBe(1)
  })
})

describe('a provider is refused', () => {
  it.each([
    [
      'beyond the queues in use',
      34,
      'rx queue index out of range',
      (lab: ProviderLab) => void Object.assign(lab.nic, { realRxQueues: 1 }),
    ],
    ['without split', 22, 'tcp-data-split is disabled', (lab: ProviderLab) => setRings(lab, { tcpDataSplit: 0 })],
    ['with a threshold', 22, 'hds-thresh is not zero', (lab: ProviderLab) => setRings(lab, { hdsThresh: 1 })],
    ['after another', 17, 'designated queue already memory provider bound', (lab: ProviderLab) => void lab.open()],
    [
      'that does not want the pool',
      22,
      undefined,
      (lab: ProviderLab) => void Object.assign(lab.provider, { error: errno.EINVAL }),
    ],
    ['without memory', 12, undefined, (lab: ProviderLab) => fail(lab, { allocate: errno.ENOMEM })],
    ['if the queue does not stop', 5, undefined, (lab: ProviderLab) => fail(lab, { stop: errno.EIO })],
    ['if it does not start', 5, undefined, (lab: ProviderLab) => fail(lab, { start: errno.EIO })],
  ])('%s', (_name, code, text, arrange) => {
    const lab = new ProviderLab()
    arrange(lab)
    const before = lab.nic.rxQueue(1)?.memoryProvider
    expect(lab.open()).toEqual({ error: -code, text })
    expect(lab.nic.rxQueue(1)?.memoryProvider).toBe(before)
    if (before) return
    // The queue receives as before.
    expect([lab.receive(tcpFrame(9)).length, lab.provider.waiting.length, lab.provider.pools.size]).toEqual([
      1,
      BUFS,
      0,
    ])
  })

  it('and the queue is dead if it cannot be started again', () => {
    const lab = new ProviderLab()
    fail(lab, { start: errno.EIO, recover: errno.EIO })
    expect(lab.open()?.error).toBe(-errno.EIO)
    expect(lab.receive(tcpFrame(9))).toEqual([])
    for (const up of [0, 1]) changeFlags(lab.kernel, lab.nic, (lab.nic.flags & ~1) | up)
    expect(lab.receive(tcpFrame(9)).length).toBe(1)
  })

  it('by a NIC without a DMA mask, which makes no pool for it', () => {
    const { kernel, ns } = new Bench()
    const nic = kernel.nics.plug({ ns, model: 'netdevsim' })
    nicState(nic).rings = { ...nicState(nic).rings, tcpDataSplit: TCP_DATA_SPLIT.enabled }
    const provider = new AreaProvider(kernel.path.packets, 4)
    expect(openProvider(kernel, nic, 0, { provider, rxPageSize: 0 })).toEqual({
      error: -errno.ENODATA,
      text: undefined,
    })
  })
})

function setRings(lab: ProviderLab, rings: object): void {
  nicState(lab.nic).rings = { ...nicState(lab.nic).rings, ...rings }
}

/** Has steps of the next restart of the queue fail. */
function fail(lab: ProviderLab, faults: Partial<Record<RestartStep, number>>): void {
  for (const [step, errno] of Object.entries(faults))
    nicState(lab.nic).faults.push({ queue: 1, step: step as RestartStep, errno, left: 1 })
}
