import { ETHTOOL } from '@netkit/netlink'
import { beforeEach, describe, expect, it } from 'vitest'
import { featureNames, featureSet } from '../../net/features.ts'
import { Bench, drain, linkOf, messagesOf } from '../../testing/bench.ts'
import { generic, heard, lessee, listen } from '../../testing/generic.ts'

const { featuresGet, featuresSet } = ETHTOOL.commands
const words = (set: bigint) => new Uint8Array(new BigUint64Array([set]).buffer)
const setOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)

describe('offloads', () => {
  let bench: Bench
  beforeEach(() => {
    bench = new Bench()
    lessee(bench)
  })
  const header = { devName: 'nk0', flags: ['compact-bitsets'] }
  const active = () => setOf(generic(bench, ETHTOOL, featuresGet, { header }).replies[0].active.value)
  const set = (wanted: object, flags = header.flags) =>
    generic(bench, ETHTOOL, featuresSet, { header: { ...header, flags }, wanted })
  const bits = (...list: [string, boolean][]) => ({
    bits: { bit: list.map(([name, on]) => ({ name, ...(on && { value: true as const }) })) },
  })

  it('are told as words or by name', () => {
    const compact = generic(bench, ETHTOOL, featuresGet, { header }).replies[0]
    expect(compact.hw).toMatchObject({ size: 64, mask: words(2n ** 64n - 1n) })
    expect(compact.nochange).toMatchObject({ nomask: true, value: words(featureSet('vlan-challenged')) })
    const named = generic(bench, ETHTOOL, featuresGet, { header: { devName: 'nk0' } }).replies[0]
    expect(named.hw.bits.bit).toHaveLength(64)
    expect(named.hw.bits.bit[14]).toEqual({ index: 14, name: 'rx-gro', value: true })
    expect(named.nochange.bits.bit).toEqual([{ index: 10, name: 'vlan-challenged' }])
  })

  it('take along what depends on them', () => {
    const before = active()
    const said = set(bits(['tx-scatter-gather', false])).replies[0]
    const gone = featureSet(`tx-scatter-gather tx-generic-segmentation tx-tcp-segmentation tx-tcp-ecn-segmentation
      tx-tcp-mangleid-segmentation tx-tcp6-segmentation`)
    expect(setOf(said.active.mask)).toBe(gone)
    expect(setOf(said.active.value)).toBe(0n)
    expect(setOf(said.wanted.mask)).toBe(0n)
    expect(active()).toBe(before & ~gone)
    set(bits(['tx-scatter-gather', true]))
    expect(active()).toBe(before)
  })

  it('tell what was wanted in vain', () => {
    set(bits(['tx-checksum-ip-generic', false]))
    const said = set(bits(['tx-tcp-segmentation', true], ['rx-lro', true])).replies[0]
    expect(setOf(said.wanted.mask)).toBe(featureSet('tx-tcp-segmentation rx-lro'))
    expect(setOf(said.wanted.value)).toBe(featureSet('tx-tcp-segmentation rx-lro'))
    expect(setOf(said.active.mask)).toBe(0n)
  })

  it('are announced by both families if anything changed', () => {
    const route = bench.route()
    route.join(1)
    const monitor = listen(bench)
    set(bits(['rx-gro', false]))
    expect(heard(bench, monitor).map((m) => m.c)).toEqual(['ETHTOOL_MSG_FEATURES_NTF'])
    const links = messagesOf(drain(route)).map(linkOf)
    expect(links).toMatchObject([{ ifname: 'nk0', event: expect.anything(), header: { change: 0 } }])
    set(bits(['rx-gro', false]))
    set(bits(['rx-fcs', true]))
    expect([heard(bench, monitor), drain(route)]).toEqual([[], []])
  })

  it('are switched without a reply if that is asked for', () => {
    expect(set(bits(['rx-gro', false]), ['omit-reply']).replies).toEqual([])
    expect(active() & featureSet('rx-gro')).toBe(0n)
  })

  const GRO = featureSet('rx-gro')
  it.each([
    ['no header', { wanted: {} }, 22, 'request header missing'],
    ['nothing wanted', { header }, 22, undefined],
    ['nothing in it', { header, wanted: {} }, 22, 'missing size in compact bitset'],
    ['no value', { header, wanted: { size: 64 } }, 22, 'missing value in compact bitset'],
    ['no mask', { header, wanted: { size: 64, value: words(0n) } }, 22, 'missing mask in compact nonlist bitset'],
    [
      'both mask and none',
      { header, wanted: { nomask: true, mask: words(0n) } },
      22,
      'mask not allowed in list bitset',
    ],
    [
      'a short value',
      { header, wanted: { size: 64, value: words(0n).slice(4), mask: words(0n) } },
      22,
      'bitset value length does not match size',
    ],
    [
      'a short mask',
      { header, wanted: { size: 64, value: words(0n), mask: words(0n).slice(4) } },
      22,
      'bitset mask length does not match size',
    ],
    [
      'a bit too high',
      {
        header,
        wanted: { size: 65, value: new Uint8Array(12), mask: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0) },
      },
      22,
      'cannot modify bits past kernel bitset size',
    ],
    [
      'a list with a value',
      { header, wanted: { ...bits(), value: words(0n) } },
      22,
      'value only allowed in compact bitset',
    ],
    ['a bit without name', { header, wanted: { bits: { bit: [{}] } } }, 22, 'neither bit index nor name specified'],
    ['an index too high', { header, wanted: { bits: { bit: [{ index: 64 }] } } }, 95, 'bit index too high'],
    ['a name that is none', { header, wanted: bits(['fast', true]) }, 95, 'bit name not found'],
    [
      'another name',
      { header, wanted: { bits: { bit: [{ index: 14, name: 'rx-lro' }] } } },
      22,
      'bit index and name mismatch',
    ],
    [
      'what never changes',
      { header, wanted: bits(['vlan-challenged', false]) },
      22,
      'attempt to change non-ethtool features',
    ],
    [
      'the whole set',
      { header, wanted: { nomask: true, size: 64, value: words(GRO) } },
      22,
      'attempt to change non-ethtool features',
    ],
  ])('are refused with %s', (_what, attrs, errno, msg) => {
    expect(generic(bench, ETHTOOL, featuresSet, attrs as object)).toMatchObject({ errno, ...(msg && { msg }) })
  })

  it('may be named compactly, whatever is beyond the size left aside', () => {
    const some = { size: 15, value: words(0xffff_0000n).slice(0, 4), mask: words(0xffff_0000n | GRO).slice(0, 4) }
    expect(set(some).errno).toBe(0)
    expect(active() & GRO).toBe(0n)
  })

  it('have the names of Linux', () => {
    expect(featureNames['7.3']).toHaveLength(64)
    expect([featureNames['7.3'][0], featureNames['7.3'][14], featureNames['7.3'][63]]).toEqual([
      'tx-scatter-gather',
      'rx-gro',
      'hsr-dup-offload',
    ])
  })
})
