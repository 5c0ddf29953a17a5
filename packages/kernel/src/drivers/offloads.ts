import { type Features, featureSet } from '../net/features.ts'

const FRAGMENTS = featureSet(
  'tx-scatter-gather tx-checksum-ip-generic highdma tx-scatter-gather-fraglist tx-generic-segmentation',
)
/** What packets are cut for by software where no device does it. */
export const SEGMENTATION = featureSet(`
  tx-tcp-segmentation tx-tcp-ecn-segmentation tx-tcp-mangleid-segmentation tx-tcp6-segmentation tx-sctp-segmentation
  tx-udp-segmentation tx-gso-list tx-tcp-accecn-segmentation`)
const TUNNELS = featureSet(`
  tx-gre-segmentation tx-gre-csum-segmentation tx-ipxip4-segmentation tx-ipxip6-segmentation tx-udp_tnl-segmentation
  tx-udp_tnl-csum-segmentation`)
const VLAN = featureSet('tx-vlan-hw-insert rx-vlan-hw-parse tx-vlan-stag-hw-insert rx-vlan-stag-hw-parse')
const CHECKSUMS = featureSet('tx-checksum-sctp rx-checksum')
const GRO = featureSet('rx-gro')
/** What the kernel itself can do for any device, if someone wants it. */
const ON_DEMAND = featureSet('rx-gro-list rx-udp-gro-forwarding')
const NO_CACHE = featureSet('tx-nocache-copy')

const switchable = (on: bigint, more: bigint): Features => ({ hw: on | more, wanted: on, active: on })

const PAIR = FRAGMENTS | SEGMENTATION | TUNNELS | VLAN | CHECKSUMS
const LOOPBACK = featureSet('tx-generic-segmentation') | GRO | SEGMENTATION

/** The offloads of each kind of device right after it was made, as Linux 7.3 shows them. */
export const OFFLOADS = {
  netkit: switchable(PAIR | GRO, ON_DEMAND | NO_CACHE),
  veth: switchable(PAIR, GRO | ON_DEMAND | NO_CACHE),
  dummy: switchable(FRAGMENTS | SEGMENTATION | TUNNELS | GRO, ON_DEMAND | NO_CACHE),
  loopback: {
    hw: LOOPBACK | ON_DEMAND,
    wanted: LOOPBACK,
    active: LOOPBACK | FRAGMENTS | CHECKSUMS | featureSet('vlan-challenged loopback'),
  },
} as const satisfies Readonly<Record<string, Features>>
