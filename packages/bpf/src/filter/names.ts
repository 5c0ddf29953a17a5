/** Numbers that filters can call by name. Sources: pcap-filter(7), the registries of IANA. */
export const ETHERTYPES: ReadonlyMap<string, number> = new Map([
  ['ip', 0x0800],
  ['arp', 0x0806],
  ['rarp', 0x8035],
  ['ip6', 0x86dd],
])

export const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['icmp', 1],
  ['igmp', 2],
  ['tcp', 6],
  ['igrp', 9],
  ['pim', 103],
  ['udp', 17],
  ['esp', 50],
  ['ah', 51],
  ['icmp6', 58],
  ['vrrp', 112],
  ['sctp', 132],
])

/** Protocols that have ports. */
export const WITH_PORTS: readonly string[] = ['tcp', 'udp', 'sctp']

/** Ports by name, with the protocol that they are registered for; more than one stands for all. */
export const PORTS: ReadonlyMap<string, { readonly port: number; readonly protocols: readonly string[] }> = new Map(
  (
    [
      ['ftp-data', 20, 'tcp'],
      ['ftp', 21, 'tcp'],
      ['ssh', 22, 'tcp'],
      ['telnet', 23, 'tcp'],
      ['smtp', 25, 'tcp'],
      ['domain', 53, 'tcp udp'],
      ['bootps', 67, 'udp'],
      ['bootpc', 68, 'udp'],
      ['tftp', 69, 'udp'],
      ['http', 80, 'tcp'],
      ['pop3', 110, 'tcp'],
      ['ntp', 123, 'udp'],
      ['imap', 143, 'tcp'],
      ['imap2', 143, 'tcp'],
      ['snmp', 161, 'tcp udp'],
      ['bgp', 179, 'tcp'],
      ['https', 443, 'tcp udp'],
      ['syslog', 514, 'udp'],
    ] as const
  ).map(([name, port, protocols]) => [name, { port, protocols: protocols === 'tcp udp' ? WITH_PORTS : [protocols] }]),
)

/** Numbers in arithmetic. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['icmptype', 0],
  ['icmpcode', 1],
  ['icmp6type', 0],
  ['icmp6code', 1],
  ['tcpflags', 13],
  ['icmp-echoreply', 0],
  ['icmp-unreach', 3],
  ['icmp-sourcequench', 4],
  ['icmp-redirect', 5],
  ['icmp-echo', 8],
  ['icmp-routeradvert', 9],
  ['icmp-routersolicit', 10],
  ['icmp-timxceed', 11],
  ['icmp-paramprob', 12],
  ['icmp-tstamp', 13],
  ['icmp-tstampreply', 14],
  ['icmp6-destinationunreach', 1],
  ['icmp6-packettoobig', 2],
  ['icmp6-timeexceeded', 3],
  ['icmp6-parameterproblem', 4],
  ['icmp6-echo', 128],
  ['icmp6-echoreply', 129],
  ['icmp6-routersolicit', 133],
  ['icmp6-routeradvert', 134],
  ['icmp6-neighborsolicit', 135],
  ['icmp6-neighboradvert', 136],
  ['tcp-fin', 1],
  ['tcp-syn', 2],
  ['tcp-rst', 4],
  ['tcp-push', 8],
  ['tcp-ack', 16],
  ['tcp-urg', 32],
  ['tcp-ece', 64],
  ['tcp-cwr', 128],
])
