import { describe, expect, it } from 'vitest'
import { featureSet } from '../net/features.ts'
import { NIC_FEATURES } from './nic/offloads.ts'
import { OFFLOADS } from './offloads.ts'

/** Words of hw, wanted and active: as ETHTOOL_MSG_FEATURES_GET tells them on Linux 7.3.4. */
describe('the offloads of a new device', () => {
  const sets = ({ hw, wanted, active }: { hw: bigint; wanted: bigint; active: bigint }) => [hw, wanted, active]

  it.each([
    ['loopback', OFFLOADS.loopback, [720576001584482304n, 61205202944n, 5696202296425n]],
    ['netkit', OFFLOADS.netkit, [720684990938827241n, 106851536292329n, 106851536292329n]],
    ['veth', OFFLOADS.veth, [720684990938827241n, 106851536275945n, 106851536275945n]],
    ['dummy', OFFLOADS.dummy, [720578200871979113n, 61469444201n, 61469444201n]],
  ])('of kind %s are those of Linux 7.3', (_kind, made, recorded) => {
    expect(sets(made)).toEqual(recorded)
  })

  it('of a NIC are those of netdevsim and what it goes further with', () => {
    const more = featureSet('rx-hashing rx-ntuple-filter')
    const netdevsim = [729167526386846281n, 8022038983854665n, 296252415135566441n]
    expect(sets(NIC_FEATURES)).toEqual(netdevsim.map((set) => set | more))
  })
})
