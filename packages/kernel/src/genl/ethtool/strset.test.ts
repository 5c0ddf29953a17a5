import { ETHTOOL, type STRING_SETS } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { Bench } from '../../testing/bench.ts'
import { generic } from '../../testing/generic.ts'

describe('string sets', () => {
  const bench = new Bench()
  bench.kernel.nics.plug({ ns: bench.ns, queues: 2 })
  const { strsetGet } = ETHTOOL.commands
  const get = (attrs: object, dump = false) => generic(bench, ETHTOOL, strsetGet, attrs, { dump })
  const sets = (...ids: (keyof typeof STRING_SETS | number)[]) => ({ stringset: ids.map((id) => ({ id })) })
  const eth0 = { devName: 'eth0' }

  it('are told without a device', () => {
    const [{ header, stringsets }] = get({ header: {}, stringsets: sets('rss-hash-funcs') }).replies
    expect(header).toBeUndefined()
    expect(stringsets.stringset).toEqual([
      {
        id: 'rss-hash-funcs',
        count: 3,
        strings: { string: ['toeplitz', 'xor', 'crc32'].map((value, index) => ({ index, value })) },
      },
    ])
  })

  it('come ascending and once, and all of them if none is asked for', () => {
    const some = get({ header: {}, stringsets: sets('rss-hash-funcs', 'features', 'features'), countsOnly: true })
    expect(some.replies[0].stringsets.stringset).toEqual([
      { id: 'features', count: 64 },
      { id: 'rss-hash-funcs', count: 3 },
    ])
    const all = get({ header: {}, countsOnly: true }).replies[0].stringsets.stringset
    expect(all.map((s: { id: string; count: number }) => [s.id, s.count])).toEqual([
      ['features', 64],
      ['rss-hash-funcs', 3],
      ['tunables', 5],
      ['phy-tunables', 7],
      ['link-modes', 125],
      ['msg-classes', 15],
      ['wol-modes', 8],
      ['sof-timestamping', 19],
      ['ts-tx-types', 4],
      ['ts-rx-filters', 16],
      ['udp-tunnel-types', 3],
      ['stats-std', 5],
      ['stats-eth-phy', 1],
      ['stats-eth-mac', 22],
      ['stats-eth-ctrl', 3],
      ['stats-rmon', 4],
      ['stats-phy', 6],
      ['ts-flags', 1],
    ])
    // Counts alone are told only of sets that are asked for.
    expect(all[1].strings).toBeDefined()
  })

  it('of a device are left out where it has none', () => {
    expect(get({ header: eth0 }).replies[0]).toMatchObject({ header: { devName: 'eth0' }, stringsets: {} })
    expect(get({ header: eth0, stringsets: sets('stats', 'ts-flags') }).replies[0].stringsets.stringset).toHaveLength(1)
  })

  it.each([
    [{}, { errno: 22, missType: 1 }],
    [
      { header: {}, stringsets: sets('stats') },
      { errno: 22, msg: 'requested per device strings without dev' },
    ],
    [{ header: {}, stringsets: sets('ntuple-filters') }, { errno: 95 }],
    [
      { header: {}, stringsets: sets(23) },
      { errno: 95, msg: 'unknown string set id', offset: 28 },
    ],
    [
      { header: {}, stringsets: { stringset: [{}] } },
      { errno: 22, missType: 1, missNest: 28 },
    ],
    [
      { header: {}, stringsets: { stringset: [{ id: 4, count: 3 }] } },
      { errno: 22, msg: 'Unknown attribute type', offset: 40 },
    ],
  ])('are refused: %j', (attrs, said) => {
    expect(get(attrs)).toEqual({ ...said, replies: [] })
  })

  it('may be too long for the beginning of a dump', () => {
    expect(get({ stringsets: sets('link-modes') }, true)).toEqual({ errno: 90, replies: [] })
    expect(get({ stringsets: sets('features') }, true).replies).toHaveLength(2)
  })
})
