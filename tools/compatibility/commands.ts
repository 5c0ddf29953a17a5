/** Commands and what they answer. */
export interface CommandStatus {
  readonly name: string
  readonly status: string
}

export const ROUTE_COMMANDS: readonly CommandStatus[] = [
  {
    name: 'RTM_NEWLINK',
    status:
      'done: create and change, kinds `netkit`, `veth`, `dummy`; `netdevsim` refused as Linux does; other kinds EOPNOTSUPP `Unknown device type`',
  },
  { name: 'RTM_SETLINK', status: 'done; family 7 (bridge) refused: EOPNOTSUPP' },
  { name: 'RTM_DELLINK', status: 'done, also by group; BULK refused: EOPNOTSUPP' },
  {
    name: 'RTM_GETLINK',
    status:
      'done, strict and not, filters MASTER and LINKINFO; bridge and IPv6 dumps (families 7 and 10) are out of scope: no such modules',
  },
  { name: 'RTM_NEWLINKPROP, RTM_DELLINKPROP', status: 'done' },
  { name: 'RTM_NEWNSID, RTM_GETNSID', status: 'done' },
  { name: 'RTM_DELNSID', status: 'refused: EOPNOTSUPP, as Linux does' },
  { name: 'other rtnetlink types', status: 'refused: EOPNOTSUPP. Addresses, routes and neighbours come later' },
]

/** What the commands of generic families lack, by uapi name. Not named: done. */
export const GENL_STATUS: Readonly<Record<string, string>> = {
  NETDEV_CMD_BIND_RX:
    "every check in order; ends at EOPNOTSUPP `Device doesn't support DMA` on devices without DMA, EBADF/EINVAL where no dma-buf is open: a descriptor of one cannot be had yet",
  NETDEV_CMD_BIND_TX: 'every check in order; dma-bufs as above',
  NETDEV_CMD_NAPI_SET: 'stored and shown; there is nothing to tune',
  NETDEV_CMD_PAGE_POOL_STATS_GET: 'counters are zeros until memory providers come',
}

export const LIMITS: readonly string[] = [
  'IPv4 and IPv6 settings of devices are shown with the defaults of a fresh namespace and cannot be changed; IPv6 sends nothing of its own.',
  'Carrier changes are announced right after the request that caused them; Linux may delay and merge them (decision 001).',
  'No queueing disciplines, no bridges, no bonding, no XDP and tc programs: requests for them are refused.',
  'Only NETLINK_ROUTE and NETLINK_GENERIC sockets; other protocols: EPROTONOSUPPORT.',
  'Of the ethtool family what users of queue leases need: strset, features, rings, channels, rss. Other commands: EOPNOTSUPP.',
  'RTM_NEWNETCONF announcements (groups 24 and 25) are not made.',
  'A NIC is the model of netdevsim towards netlink, with RSS, steering and header split behind it.',
]
