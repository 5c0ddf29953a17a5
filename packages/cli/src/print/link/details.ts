import { toHex } from '@netkit/netlink'
import type { Entry } from '../entry.ts'
import type { Json } from '../json.ts'
import { kindLine } from './kinds.ts'
import type { LinkMessage } from './view.ts'

type Detail = readonly [key: string, word: string, value: (a: LinkMessage['attrs']) => Json | undefined]

const LIMITS: readonly Detail[] = [
  ['promiscuity', 'promiscuity', (a) => a.promiscuity],
  ['allmulti', 'allmulti', (a) => a.allmulti],
  ['min_mtu', 'minmtu', (a) => a.minMtu],
  ['max_mtu', 'maxmtu', (a) => a.maxMtu],
]
const REST: readonly Detail[] = [
  ['num_tx_queues', 'numtxqueues', (a) => a.numTxQueues],
  ['num_rx_queues', 'numrxqueues', (a) => a.numRxQueues],
  ['gso_max_size', 'gso_max_size', (a) => a.gsoMaxSize],
  ['gso_max_segs', 'gso_max_segs', (a) => a.gsoMaxSegs],
  ['tso_max_size', 'tso_max_size', (a) => a.tsoMaxSize],
  ['tso_max_segs', 'tso_max_segs', (a) => a.tsoMaxSegs],
  ['gro_max_size', 'gro_max_size', (a) => a.groMaxSize],
  ['gso_ipv4_max_size', 'gso_ipv4_max_size', (a) => a.gsoIpv4MaxSize],
  ['gro_ipv4_max_size', 'gro_ipv4_max_size', (a) => a.groIpv4MaxSize],
  ['phys_port_name', 'portname', (a) => a.physPortName],
  ['phys_port_id', 'portid', (a) => a.physPortId && toHex(a.physPortId)],
  ['phys_switch_id', 'switchid', (a) => a.physSwitchId && toHex(a.physSwitchId)],
  ['parentbus', 'parentbus', (a) => a.parentDevBusName],
  ['parentdev', 'parentdev', (a) => a.parentDevName],
]

function say(entry: Entry, details: readonly Detail[], a: LinkMessage['attrs']): void {
  for (const [key, word, value] of details) {
    const v = value(a)
    if (v !== undefined) entry.add(key, v, `${word} ${v} `)
  }
}

/** What `-d` adds to a link. */
export function details(entry: Entry, { attrs, afSpec }: LinkMessage): void {
  entry.say(' ')
  say(entry, LIMITS, attrs)
  if (attrs.netnsImmutable === 1) entry.add('netns-immutable', true, 'netns-immutable ')
  if (attrs.linkinfo) kindLine(entry, attrs.linkinfo)
  const mode = afSpec?.inet6?.addrGenMode
  if (mode !== undefined) entry.add('inet6_addr_gen_mode', String(mode), `addrgenmode ${mode} `)
  say(entry, REST, attrs)
}
