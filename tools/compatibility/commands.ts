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
  { name: 'RTM_SETLINK', status: 'done; family 7 (bridge) as where there is no bridge' },
  { name: 'RTM_DELLINK', status: 'done, also by group; BULK refused: EOPNOTSUPP' },
  {
    name: 'RTM_GETLINK',
    status:
      'done, strict and not, filters MASTER and LINKINFO; dumps of the bridge family (7) as where there is no bridge, of the IPv6 family (10) with its settings',
  },
  { name: 'RTM_NEWLINKPROP, RTM_DELLINKPROP', status: 'done' },
  { name: 'RTM_NEWNSID, RTM_GETNSID', status: 'done' },
  { name: 'RTM_DELNSID', status: 'refused: EOPNOTSUPP, as Linux does' },
  {
    name: 'RTM_NEWADDR, RTM_DELADDR',
    status:
      'done for IPv4 and IPv6, with their routes and notifications; temporary and optimistic addresses, multicast and anycast addresses are not kept',
  },
  { name: 'RTM_GETADDR', status: 'done; dumps strict and not; of one address IPv6 only, as in Linux' },
  {
    name: 'RTM_NEWROUTE, RTM_DELROUTE',
    status:
      'done, several ways included; tunnels in routes (ENCAP) refused: EOPNOTSUPP; nexthop objects (NH_ID) as where there are none; routes by source (IPv6) included; routes with a lifetime do not go when it is over',
  },
  {
    name: 'RTM_GETROUTE',
    status: 'done: dumps with filters, the way to an address; of packets that come in (IIF) the plain cases',
  },
  { name: 'RTM_GETRULE', status: 'dumps' },
  {
    name: 'RTM_NEWRULE, RTM_DELRULE',
    status:
      'done, and obeyed; flow labels refused: EOPNOTSUPP; L3 master devices and tunnels never match: there are none',
  },
  { name: 'other rtnetlink types', status: 'refused: EOPNOTSUPP' },
]

/** Commands of ethtool that no device here has anything for. What they are asked is checked, up to the device. */
const ETHTOOL_REFUSED = [
  ['LINKINFO_SET', 'LINKMODES_SET', 'DEBUG_GET', 'DEBUG_SET', 'WOL_GET', 'WOL_SET'],
  ['PRIVFLAGS_GET', 'PRIVFLAGS_SET', 'EEE_GET', 'EEE_SET'],
  ['CABLE_TEST_ACT', 'CABLE_TEST_TDR_ACT', 'MODULE_EEPROM_GET', 'STATS_GET'],
  ['MODULE_SET', 'PSE_GET', 'PSE_SET', 'PLCA_GET_CFG', 'PLCA_SET_CFG', 'PLCA_GET_STATUS', 'MM_GET', 'MM_SET'],
  ['MODULE_FW_FLASH_ACT', 'PHY_GET', 'TSCONFIG_GET', 'TSCONFIG_SET', 'RSS_CREATE_ACT', 'RSS_DELETE_ACT', 'MSE_GET'],
].flat()

/** What the commands of generic families lack, by uapi name. Not named: done. */
export const GENL_STATUS: Readonly<Record<string, string>> = {
  NETDEV_CMD_BIND_RX:
    'done: mapped memory of an application stands in for a dma-buf; sockets do not receive from it yet',
  NETDEV_CMD_BIND_TX: 'done: dma-bufs as above; sockets do not send from them yet',
  NETDEV_CMD_NAPI_SET: 'stored and shown; there is nothing to tune',
  ETHTOOL_MSG_STRSET_GET:
    'done: all sets that devices share, and the counters of cables; no device has tests or flags with names',
  ETHTOOL_MSG_LINKINFO_GET: 'done: of cables; refused where there are no link settings',
  ETHTOOL_MSG_LINKMODES_GET: 'done: of cables; refused where there are no link settings',
  ETHTOOL_MSG_COALESCE_SET: 'done: kept and shown; nothing waits',
  ETHTOOL_MSG_TSINFO_GET: 'done: the timestamps of the kernel itself; there is no hardware clock',
  ETHTOOL_MSG_PHC_VCLOCKS_GET: 'done: there are none',
  ETHTOOL_MSG_MODULE_GET: 'done: there is no module',
  ETHTOOL_MSG_RSS_GET: 'done: context 0',
  ETHTOOL_MSG_RSS_SET: 'done: table and key of context 0; what is hashed cannot be changed here: EOPNOTSUPP',
  ...Object.fromEntries(ETHTOOL_REFUSED.map((name) => [`ETHTOOL_MSG_${name}`, 'refused: EOPNOTSUPP'])),
}
