/** What is not there, or otherwise than in Linux, and cannot be told by a command or an attribute; by area. */
export const LIMITS: Readonly<Record<string, readonly string[]>> = {
  Devices: [
    'Carrier changes are announced right after the request that caused them; Linux may delay and merge them (decision 001).',
    'No queueing disciplines, no bridges, no bonding, no classic tc filters: requests for them are refused.',
    'Only NETLINK_ROUTE and NETLINK_GENERIC sockets; other protocols: EPROTONOSUPPORT.',
    'Of the ethtool family what netdevsim, veth and the kernel itself have settings for: strset, linkinfo, linkmodes, linkstate, features, rings, channels, coalesce, pause, FEC, tunnels, rss. Other commands are checked as by Linux and refused: EOPNOTSUPP; standard counters (STATS_GET) are not there.',
    'A NIC of model `netdevsim` is what Linux has under that name. The default model `nic` is one with RSS, steering, header split, memory providers and AF_XDP without copies behind the same answers; where its features differ, so do the attributes that tell of them.',
  ],
  'Addresses and routes': [
    'Settings of IPv4 and IPv6 that `netkit sysctl` does not list are shown with their defaults and cannot be changed.',
    'Announcements of NETCONF (groups 24 and 25) and of multicast addresses are not made.',
    'IPv6 sends no listener reports and no router solicitations, so that there are no neighbours for them.',
    'No forwarding entries of bridges (RTM_NEWNEIGH and RTM_GETNEIGH of AF_BRIDGE): EAFNOSUPPORT.',
    'No tunnels in routes (ENCAP), no nexthop objects, no flow labels in rules: EOPNOTSUPP. No L3 master devices.',
    '`proxy_arp`, `proxy_arp_pvlan`, `proxy_ndp` and `proxy_delay` can be set of devices, the switches also of `all`, but not of `default`; `medium_id` and `arp_ignore` have no effect.',
    'There is no destination cache; GRO does not exist.',
  ],
  Programs: [
    'Program types SCHED_CLS and XDP. What the verifier refuses though Linux accepts it is listed in [programs](bpf.md): kptrs, lists and trees, some kfuncs and helpers.',
    'bpf_sk_assign assigns no packet to a socket: EOPNOTSUPP. Values of sk_storage maps are for programs only, as sockets have no descriptors there.',
    'Neither cgroups nor tracing: cgroup ids are those of the root, tracepoints and iterators are refused.',
    'Maps and programs go with the kernel process; what is pinned does not outlive it.',
  ],
  TCP: [
    'No SYN cookies, ECN, Fast Open, urgent data (it is ordinary data), pacing, HyStart; a reduction of the window that proved needless is not taken back.',
    "The kernel process and the machine's Linux have no door to it: calls end with EOPNOTSUPP.",
  ],
  'Zero-copy receive': [
    'AF_XDP and io_uring need memory that is shared with the kernel: in the same process only. Through the kernel process: EOPNOTSUPP.',
    'AF_XDP: no SO_BINDTODEVICE; packets of several chunks are put together (a copy) where the wire is a cable or TAP.',
    'XDP programs on a single device itself (egress of AF_XDP applications, injection into their rings) are an extension beyond Linux: `netkit-xdp`, off by default, see [extensions](extensions.md).',
    'io_uring: no dma-buf areas (EBADF); UDP sockets have no descriptor to receive from.',
    'devmem: `bind-rx` and `bind-tx` are checked and bind, with a region of application memory in place of a dma-buf; MSG_SOCK_DEVMEM, DEVMEM_DONTNEED and sending from a binding are not there.',
    'An area that is no larger than the ring of the NIC starves: replacements are had before a packet is handed on, as real NICs do.',
    'A packet has at most 17 fragments: more of a payload is dropped.',
  ],
}
