import { hasSince } from '@netkit/netlink'

/**
 * What releases do otherwise where no table of attributes can say it, each with the release that began it; 7.3 where all
 * that is known is that 6.12 does not. Source: running kernels.
 */
const SINCE = {
  /** RTM_NEWLINK finds all namespaces, and checks what is said of a peer, before it looks for a device. */
  placesFirst: '6.13',
  /** A device that cannot move may be told to go where it is. */
  stayingIsNoMove: '7.3',
  /** Settings of IPv4 in requests are checked by their own limits. */
  inetSettingsLimited: '7.3',
  /** RTEXT_FILTER_SKIP_STATS leaves out the counters of the link, too; before, those of IPv6 alone. */
  skipsLinkStats: '7.3',
  /** Whoever puts a peer into a namespace must be its administrator. */
  peerNeedsPrivilege: '7.3',
  /** A move that fails says why. */
  moveSaysWhy: '7.3',
  /** The kind says how many queues can be asked for, and netkit devices use one of them until they lease more. */
  queuesByKind: '7.1',
  /** A device that looks for its link elsewhere is made where it goes; before, it was made there and moved. */
  bornAtTarget: '6.15',
  /** Devices with a lock of their own are closed before others that are deleted along. */
  deviceLocks: '6.15',
  /** Link messages begin with the names; before, alternative ones stood near the end. */
  namesFirst: '7.3',
  /** Requests that take no attributes refuse those that they get. */
  refusesUnasked: '7.3',
  /** NETDEV_CMD_BIND_RX looks at the queues before it looks at the dma-buf. */
  bindsQueuesFirst: '7.3',
  /** A dump of timestamping leaves out devices whose driver does not tell of it. */
  dumpsTimestampers: '6.14',
  /** ETHTOOL_MSG_PHY_GET says of a device without a PHY that it has none; before, it said nothing and succeeded. */
  missesPhy: '7.3',
  /** What is missing in a request for the memory of a transceiver module is named. */
  namesMissingPlace: '7.3',
  /** A dump of power over Ethernet does not say why there is none. */
  dumpsPowerSilently: '7.3',
  /** CTRL_CMD_GETPOLICY names commands that only have a dump; before, it called them 0. */
  dumpsHaveNumbers: '7.3',
  /** A NAPI instance gets its id when it is first enabled, and keeps it; before, it got one each time that it was made. */
  napiKeepsId: '6.13',
  /** A page pool that goes does not tell of its NAPI instance any more. */
  poolForgetsNapi: '7.3',
  /** NICs let packets wait before they are sent. */
  nicQueuesPackets: '7.3',
  /** NICs split headers from payload, and tell of the size of their rings. */
  nicSplitsHeaders: '6.14',
  /** NICs take XDP programs themselves. */
  nicRunsXdp: '7.3',
  /** RTEXT_FILTER_NAME_ONLY asks for names alone. */
  nameOnly: '7.3',
} as const

export type Rules = { readonly [K in keyof typeof SINCE]: boolean }

export const rulesOf = (release: string): Rules =>
  Object.fromEntries(Object.entries(SINCE).map(([rule, since]) => [rule, hasSince(release, since)])) as Rules
