interface DropReasonRow {
  /** Who defines the name: Linux, or this model for what Linux leaves to hardware. */
  readonly of: 'linux' | 'model'
  readonly doc: string
}

const linux = (doc: string): DropReasonRow => ({ of: 'linux', doc })
const model = (doc: string): DropReasonRow => ({ of: 'model', doc })

/** Why a packet was dropped. Names are Linux's where Linux has one, as its kfree_skb trace of 7.3 prints them. The numbers
 *  (places in this table) are ours: Linux's are not an interface and change between versions. */
const ROWS = {
  NOT_DROPPED_YET: linux('not dropped'),
  NOT_SPECIFIED: linux('no closer reason: a netkit policy or verdict, a missing peer, a peer that is down'),
  DEV_READY: linux('the device is not up'),
  DEV_HDR: linux('no link-layer header could be made'),
  NOMEM: linux('no packet or buffer left'),
  FULL_RING: linux('the ring of the receiver is full'),
  CPU_BACKLOG: linux('the backlog of the receiving side is full'),
  RECURSION_LIMIT: linux('transmit nested too deeply'),
  NO_TX_TARGET: linux('no device to send it to'),
  UNHANDLED_PROTO: linux('nobody takes this protocol'),
  OTHERHOST: linux('addressed to another host'),
  HDR_TRUNC: linux('shorter than its headers say'),
  PKT_TOO_BIG: linux('longer than the device sends'),
  PKT_TOO_SMALL: linux('shorter than the smallest frame'),
  INVALID_PROTO: linux('a header contradicts itself'),
  XDP: linux('an XDP program or its redirect'),
  TC_INGRESS: linux('a program or filter at tc ingress'),
  TC_EGRESS: linux('a program or filter at tc egress'),
  QDISC_DROP: linux('the queueing discipline, or a device without carrier'),
  QUEUE_PURGE: linux('its queue was emptied, as when a device goes down'),
  NETFILTER_DROP: linux('a firewall rule'),
  NEIGH_FAILED: linux('the neighbour does not answer'),
  NEIGH_QUEUEFULL: linux('too many packets wait for a neighbour'),
  IP_CSUM: linux('wrong IPv4 header checksum'),
  IP_INHDR: linux('malformed IP header'),
  IP_INADDRERRORS: linux('no use for this IP address here'),
  IP_INNOROUTES: linux('no route for a received packet'),
  IP_OUTNOROUTES: linux('no route for a packet to be sent'),
  IP_LOCAL_SOURCE: linux('the source is an address of our own'),
  DUP_FRAG: linux('a fragment that was there already'),
  FRAG_REASM_TIMEOUT: linux('the other fragments did not come'),
  FRAG_TOO_FAR: linux('too many fragments of others came in between'),
  IPV6_BAD_EXTHDR: linux('a malformed extension header'),
  IPV6_NDISC_BAD_OPTIONS: linux('malformed options of neighbour discovery'),
  IPV6_NDISC_NS_OTHERHOST: linux('a solicitation for somebody else'),
  IP_NOPROTO: linux('no handler of the IP protocol'),
  ICMP_CSUM: linux('wrong ICMP checksum'),
  TCP_CSUM: linux('wrong TCP checksum'),
  UDP_CSUM: linux('wrong UDP checksum'),
  NO_SOCKET: linux('no socket takes it'),
  SOCKET_FILTER: linux('a filter of the socket'),
  SOCKET_RCVBUFF: linux("the socket's receive buffer is full"),
  PACKET_SOCK_ERROR: linux('a packet socket could not take it'),
  SKB_CSUM: linux('the checksum cannot be completed'),
  SKB_GSO_SEG: linux('cannot be segmented'),
  SKB_BAD_GSO: linux('segmentation fields contradict the packet'),
  SKB_UCOPY_FAULT: linux('cannot be copied from or to user memory'),
  TAP_FILTER: linux('a filter of the TAP device'),
  NO_CARRIER: model('the link of the device is down'),
  NO_WIRE: model('nothing is connected to the NIC'),
  WIRE_FULL: model('the other end of the wire does not take it'),
  WIRE_LOST: model('an impairment of the wire'),
  FLOW_RULE: model('a steering rule of the NIC discards the flow'),
  RX_OVERRUN: model('the receive queue of the NIC has no buffer posted'),
  RX_ALLOC: model('no replacement for a receive buffer'),
  DEVICE_GONE: model('the device was removed while the packet was on its way'),
  UNREADABLE: model('the payload is memory that this path cannot read'),
} as const satisfies Record<string, DropReasonRow>

export type DropName = keyof typeof ROWS

/** Names by number. Number 0 means that a packet is not being dropped. */
export const DROP_NAMES = Object.keys(ROWS) as readonly DropName[]

/** Numbers by name: `DROP.DEV_READY`. */
export const DROP = Object.freeze(Object.fromEntries(DROP_NAMES.map((name, number) => [name, number]))) as {
  readonly [Name in DropName]: number
}

/** What a reason means and whose word it is. */
export const describeDrop = (name: DropName): DropReasonRow => ROWS[name]

/** Packets dropped, by reason. Exact up to 2^53. */
export class DropCounters {
  readonly counts = new Float64Array(DROP_NAMES.length)

  count(reason: number): void {
    this.counts[reason] += 1
  }

  get total(): number {
    return this.counts.reduce((sum, n) => sum + n, 0)
  }

  /** Reasons seen so far and how often, in the table's order. */
  entries(): { name: DropName; count: number }[] {
    return DROP_NAMES.map((name, number) => ({ name, count: this.counts[number] })).filter((entry) => entry.count > 0)
  }
}
