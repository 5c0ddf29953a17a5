import { NETDEV, STRING_SETS } from '@netkit/netlink'
import type { EthtoolHooks } from '../../net/ethtool.ts'

const RX = ['xdp_packets', 'xdp_bytes', 'drops', 'xdp_redirect', 'xdp_drops', 'xdp_tx', 'xdp_tx_errors']
const TX = ['xdp_xmit', 'xdp_xmit_errors']
const POOL = [
  ...['alloc_fast', 'alloc_slow', 'alloc_slow_ho', 'alloc_empty', 'alloc_refill', 'alloc_waive'],
  ...['recycle_cached', 'recycle_cache_full', 'recycle_ring', 'recycle_ring_full', 'recycle_released_ref'],
].map((name) => `rx_pp_${name}`)

const ofQueues = (queue: string, count: number, names: readonly string[]): string[] =>
  Array.from({ length: count }, (_, i) => names.map((name) => `${queue}_queue_${i}_${name}`)).flat()

/** Names of a cable's counters: of each queue in use, and of page pools together where they are counted. */
export const vethStrings: NonNullable<EthtoolHooks['strings']> = (dev, set, { build }) => {
  if (set !== STRING_SETS.stats) return []
  const pools = build.without.has(NETDEV.commands.pagePoolStatsGet.c) ? [] : POOL
  return ['peer_ifindex', ...ofQueues('rx', dev.realRxQueues, RX), ...ofQueues('tx', dev.realTxQueues, TX), ...pools]
}
