import { hasSince, STRING_SETS as S } from '@netkit/netlink'
import { featureNames } from '../../net/features.ts'
import { byRelease } from '../../release/builds.ts'

/** Names that came with a release, behind those that were there. */
interface Later {
  readonly since: string
  readonly names: string
}

/** The names that all devices share, by string set, as Linux lists them. */
const SHARED: readonly (readonly [set: number, names: string, later?: Later])[] = [
  [S['rss-hash-funcs'], 'toeplitz xor crc32'],
  [S.tunables, 'Unspec rx-copybreak tx-copybreak pfc-prevention-tout tx-copybreak-buf-size'],
  [
    S['phy-tunables'],
    'Unspec phy-downshift phy-fast-link-down phy-energy-detect-power-down',
    { since: '7.3', names: 'phy-short-cable-preset phy-lpf-bandwidth phy-dsp-eq-init-value' },
  ],
  [
    S['link-modes'],
    `10baseT/Half 10baseT/Full 100baseT/Half 100baseT/Full 1000baseT/Half 1000baseT/Full Autoneg TP AUI MII FIBRE
     BNC 10000baseT/Full Pause Asym_Pause 2500baseX/Full Backplane 1000baseKX/Full 10000baseKX4/Full
     10000baseKR/Full 10000baseR_FEC 20000baseMLD2/Full 20000baseKR2/Full 40000baseKR4/Full 40000baseCR4/Full
     40000baseSR4/Full 40000baseLR4/Full 56000baseKR4/Full 56000baseCR4/Full 56000baseSR4/Full 56000baseLR4/Full
     25000baseCR/Full 25000baseKR/Full 25000baseSR/Full 50000baseCR2/Full 50000baseKR2/Full 100000baseKR4/Full
     100000baseSR4/Full 100000baseCR4/Full 100000baseLR4_ER4/Full 50000baseSR2/Full 1000baseX/Full 10000baseCR/Full
     10000baseSR/Full 10000baseLR/Full 10000baseLRM/Full 10000baseER/Full 2500baseT/Full 5000baseT/Full None RS
     BASER 50000baseKR/Full 50000baseSR/Full 50000baseCR/Full 50000baseLR_ER_FR/Full 50000baseDR/Full
     100000baseKR2/Full 100000baseSR2/Full 100000baseCR2/Full 100000baseLR2_ER2_FR2/Full 100000baseDR2/Full
     200000baseKR4/Full 200000baseSR4/Full 200000baseLR4_ER4_FR4/Full 200000baseDR4/Full 200000baseCR4/Full
     100baseT1/Full 1000baseT1/Full 400000baseKR8/Full 400000baseSR8/Full 400000baseLR8_ER8_FR8/Full
     400000baseDR8/Full 400000baseCR8/Full LLRS 100000baseKR/Full 100000baseSR/Full 100000baseLR_ER_FR/Full
     100000baseCR/Full 100000baseDR/Full 200000baseKR2/Full 200000baseSR2/Full 200000baseLR2_ER2_FR2/Full
     200000baseDR2/Full 200000baseCR2/Full 400000baseKR4/Full 400000baseSR4/Full 400000baseLR4_ER4_FR4/Full
     400000baseDR4/Full 400000baseCR4/Full 100baseFX/Half 100baseFX/Full 10baseT1L/Full 800000baseCR8/Full
     800000baseKR8/Full 800000baseDR8/Full 800000baseDR8_2/Full 800000baseSR8/Full 800000baseVR8/Full
     10baseT1S/Full 10baseT1S/Half 10baseT1S_P2MP/Half 10baseT1BRR/Full`,
    {
      since: '7.3',
      names: `200000baseCR/Full 200000baseKR/Full 200000baseDR/Full 200000baseDR_2/Full 200000baseSR/Full
       200000baseVR/Full 400000baseCR2/Full 400000baseKR2/Full 400000baseDR2/Full 400000baseDR2_2/Full
       400000baseSR2/Full 400000baseVR2/Full 800000baseCR4/Full 800000baseKR4/Full 800000baseDR4/Full
       800000baseDR4_2/Full 800000baseSR4/Full 800000baseVR4/Full 1600000baseCR8/Full 1600000baseKR8/Full
       1600000baseDR8/Full 1600000baseDR8_2/Full`,
    },
  ],
  [S['msg-classes'], 'drv probe link timer ifdown ifup rx_err tx_err tx_queued intr tx_done rx_status pktdata hw wol'],
  [S['wol-modes'], 'phy ucast mcast bcast arp magic magicsecure filter'],
  [
    S['sof-timestamping'],
    'hardware-transmit software-transmit hardware-receive software-receive software-system-clock hardware-legacy-clock hardware-raw-clock option-id sched-transmit ack-transmit option-cmsg option-tsonly option-stats option-pktinfo option-tx-swhw bind-phc option-id-tcp option-rx-filter',
    { since: '7.3', names: 'tx-completion' },
  ],
  [S['ts-tx-types'], 'off on onestep-sync onestep-p2p'],
  [
    S['ts-rx-filters'],
    `none all some ptpv1-l4-event ptpv1-l4-sync ptpv1-l4-delay-req ptpv2-l4-event ptpv2-l4-sync ptpv2-l4-delay-req
     ptpv2-l2-event ptpv2-l2-sync ptpv2-l2-delay-req ptpv2-event ptpv2-sync ptpv2-delay-req ntp-all`,
  ],
  [S['udp-tunnel-types'], 'vxlan geneve vxlan-gpe'],
  [S['stats-std'], 'eth-phy eth-mac eth-ctrl rmon', { since: '7.3', names: 'phydev' }],
  [S['stats-eth-phy'], 'SymbolErrorDuringCarrier'],
  [
    S['stats-eth-mac'],
    `FramesTransmittedOK SingleCollisionFrames MultipleCollisionFrames FramesReceivedOK FrameCheckSequenceErrors
     AlignmentErrors OctetsTransmittedOK FramesWithDeferredXmissions LateCollisions FramesAbortedDueToXSColls
     FramesLostDueToIntMACXmitError CarrierSenseErrors OctetsReceivedOK FramesLostDueToIntMACRcvError
     MulticastFramesXmittedOK BroadcastFramesXmittedOK FramesWithExcessiveDeferral MulticastFramesReceivedOK
     BroadcastFramesReceivedOK InRangeLengthErrors OutOfRangeLengthField FrameTooLongErrors`,
  ],
  [S['stats-eth-ctrl'], 'MACControlFramesTransmitted MACControlFramesReceived UnsupportedOpcodesReceived'],
  [S['stats-rmon'], 'etherStatsUndersizePkts etherStatsOversizePkts etherStatsFragments etherStatsJabbers'],
  [S['stats-phy'], '', { since: '7.3', names: 'RxFrames RxOctets RxErrors TxFrames TxOctets TxErrors' }],
  [S['ts-flags'], '', { since: '7.3', names: 'bonded-phc-index' }],
]

const split = (names: string): string[] => names.split(/\s+/).filter((name) => name !== '')

/** By release: the names of string sets that do not depend on the device. */
export const sharedStrings = byRelease((release): ReadonlyMap<number, readonly string[]> => {
  const sets = new Map<number, readonly string[]>([[S.features, featureNames[release]]])
  for (const [set, names, later] of SHARED) {
    const all = split(later && hasSince(release, later.since) ? `${names} ${later.names}` : names)
    if (all.length > 0) sets.set(set, all)
  }
  return sets
})

/** Sets that each device has of its own. */
export const DEVICE_SETS: readonly number[] = [S.test, S.stats, S['priv-flags'], S['phy-stats']]

/** By release: the number of string sets that there are, with names or not. */
export const setCount = byRelease((release) => 1 + Math.max(...DEVICE_SETS, ...sharedStrings[release].keys()))
