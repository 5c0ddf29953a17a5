import { TcpSettings } from './tcp-settings.ts'

/** What an administrator may set of IP in a namespace (/proc/sys/net), beside what is set on devices. */
export class IpSettings {
  readonly tcp = new TcpSettings()
  /** net.ipv4.conf.all.forwarding, which is net.ipv4.ip_forward, and what a new device begins with. */
  forwardAll4 = 0
  forwardDefault4 = 0
  /** net.ipv6.conf.{all,default}.forwarding. */
  forwardAll6 = 0
  forwardDefault6 = 0
  /** Switches of proxies on all devices at once: net.ipv4.conf.all.{proxy_arp,proxy_arp_pvlan}, net.ipv6.conf.all.proxy_ndp. */
  proxyArpAll = 0
  proxyArpPvlanAll = 0
  proxyNdpAll = 0
  /** TTL and hop limit of packets of our own. */
  defaultTtl = 64
  hopLimit6 = 64
  echoIgnoreAll = 0
  echoIgnoreBroadcasts = 1
  echoIgnoreAll6 = 0
  /** Milliseconds between two ICMP errors to one destination in the long run; which types that holds for. */
  icmpRateLimit = 1000
  icmpRateMask = 6168
  icmpRateLimit6 = 1000
  /** ICMP errors of the namespace a second, and at once. */
  icmpPerSecond = 10_000
  icmpBurst = 10_000
  /** Ports that sockets get that ask for none; from where on anybody may bind. */
  portFirst = 32_768
  portLast = 60_999
  unprivilegedPort = 1024
  /** Groups whose members may open ICMP sockets; 1 0 is nobody but those with CAP_NET_RAW. */
  pingGroupFirst = 0
  pingGroupLast = 2_147_483_647
  /** Bytes of fragments that may wait, and seconds. */
  fragmentBytes4 = 4 * 1024 * 1024
  fragmentBytes6 = 4 * 1024 * 1024
  fragmentSeconds4 = 30
  fragmentSeconds6 = 60
  /** Fragments of others that may come between two of a packet; 0: any number. */
  fragmentMaxDist = 64
  /** A token bucket of ICMP errors: what is left, and when that was counted, ms. */
  icmpTokens = 10_000
  icmpLast = 0
}
