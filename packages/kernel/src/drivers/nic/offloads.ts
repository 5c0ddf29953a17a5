import { type Features, featureSet } from '../../net/features.ts'

const ON = featureSet(`
  tx-scatter-gather tx-checksum-ip-generic tx-scatter-gather-fraglist rx-vlan-filter tx-generic-segmentation rx-gro rx-lro
  tx-tcp-segmentation tx-esp-segmentation rx-vlan-stag-filter esp-hw-offload esp-tx-csum-hw-offload
  rx-udp_tunnel-port-offload`)
const OFF = featureSet(`
  tx-tcp-mangleid-segmentation tx-nocache-copy loopback hw-tc-offload rx-gro-list rx-udp-gro-forwarding`)
const FIXED = featureSet('highdma macsec-hw-offload')
/** What netdevsim lacks: receive side scaling and steering. */
const STEERING = featureSet('rx-hashing rx-ntuple-filter')

/** What came with 7.3 at the latest: all of what is on, and what of it could not be switched before. */
const NEW = featureSet('rx-vlan-filter rx-lro rx-vlan-stag-filter')
const NEWLY_SWITCHED = featureSet(`
  tx-scatter-gather tx-checksum-ip-generic tx-scatter-gather-fraglist tx-tcp-segmentation tx-tcp-mangleid-segmentation
  tx-esp-segmentation loopback esp-hw-offload esp-tx-csum-hw-offload`)

const without = (set: bigint, less: bigint): bigint => set & ~less

const featuresWith = (more: bigint): Features => ({
  hw: ON | OFF | more,
  wanted: ON | more,
  active: ON | FIXED | more,
  earlier: {
    before: '7.3',
    hw: without(ON | OFF, NEW | NEWLY_SWITCHED) | more,
    wanted: without(ON, NEW | NEWLY_SWITCHED) | more,
    active: without(ON, NEW) | FIXED | more,
  },
})

export const NETDEVSIM_FEATURES = featuresWith(0n)
export const NIC_FEATURES = featuresWith(STEERING)
