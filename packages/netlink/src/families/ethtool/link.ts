import { u8, u32 } from '../../attr/integers.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { binary, ranged } from '../../attr/values.ts'
import { bitset } from './bitset.ts'
import { headerRow } from './header.ts'

/** Connector and transceiver. Source: uapi ETHTOOL_A_LINKINFO_*. */
export const LINKINFO_SETTINGS = attrTable('linkinfo', {
  header: headerRow('ETHTOOL_A_LINKINFO_HEADER'),
  port: { id: 2, c: 'ETHTOOL_A_LINKINFO_PORT', codec: u8 },
  phyaddr: { id: 3, c: 'ETHTOOL_A_LINKINFO_PHYADDR', codec: u8 },
  tpMdix: { id: 4, c: 'ETHTOOL_A_LINKINFO_TP_MDIX', codec: u8, access: 'read' },
  tpMdixCtrl: { id: 5, c: 'ETHTOOL_A_LINKINFO_TP_MDIX_CTRL', codec: u8 },
  transceiver: { id: 6, c: 'ETHTOOL_A_LINKINFO_TRANSCEIVER', codec: u8, access: 'read' },
})

/** Speeds. Source: uapi ETHTOOL_A_LINKMODES_*. */
export const LINKMODES = attrTable('linkmodes', {
  header: headerRow('ETHTOOL_A_LINKMODES_HEADER'),
  autoneg: { id: 2, c: 'ETHTOOL_A_LINKMODES_AUTONEG', codec: u8 },
  ours: { id: 3, c: 'ETHTOOL_A_LINKMODES_OURS', codec: bitset },
  peer: { id: 4, c: 'ETHTOOL_A_LINKMODES_PEER', codec: bitset, access: 'read' },
  speed: { id: 5, c: 'ETHTOOL_A_LINKMODES_SPEED', codec: u32, doc: 'Mbit/s.' },
  duplex: { id: 6, c: 'ETHTOOL_A_LINKMODES_DUPLEX', codec: u8 },
  masterSlaveCfg: { id: 7, c: 'ETHTOOL_A_LINKMODES_MASTER_SLAVE_CFG', codec: u8 },
  masterSlaveState: { id: 8, c: 'ETHTOOL_A_LINKMODES_MASTER_SLAVE_STATE', codec: u8, access: 'read' },
  lanes: { id: 9, c: 'ETHTOOL_A_LINKMODES_LANES', codec: ranged(u32, { min: 1, max: 8 }) },
  rateMatching: { id: 10, c: 'ETHTOOL_A_LINKMODES_RATE_MATCHING', codec: u8, access: 'read' },
})

/** Whether the link is there. Source: uapi ETHTOOL_A_LINKSTATE_*. */
export const LINKSTATE = attrTable('linkstate', {
  header: headerRow('ETHTOOL_A_LINKSTATE_HEADER'),
  link: { id: 2, c: 'ETHTOOL_A_LINKSTATE_LINK', codec: u8, access: 'read', doc: '1: there is a carrier.' },
  sqi: { id: 3, c: 'ETHTOOL_A_LINKSTATE_SQI', codec: u32, access: 'read' },
  sqiMax: { id: 4, c: 'ETHTOOL_A_LINKSTATE_SQI_MAX', codec: u32, access: 'read' },
  extState: { id: 5, c: 'ETHTOOL_A_LINKSTATE_EXT_STATE', codec: u8, access: 'read' },
  extSubstate: { id: 6, c: 'ETHTOOL_A_LINKSTATE_EXT_SUBSTATE', codec: u8, access: 'read' },
  extDownCnt: { id: 7, c: 'ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT', codec: u32, access: 'read' },
})
export type EthtoolLinkstate = AttrsOf<typeof LINKSTATE>

/** Messages of the driver. Source: uapi ETHTOOL_A_DEBUG_*. */
export const DEBUG = attrTable('debug', {
  header: headerRow('ETHTOOL_A_DEBUG_HEADER'),
  msgmask: { id: 2, c: 'ETHTOOL_A_DEBUG_MSGMASK', codec: bitset },
})

/** Wake on LAN. Source: uapi ETHTOOL_A_WOL_*. */
export const WOL = attrTable('wol', {
  header: headerRow('ETHTOOL_A_WOL_HEADER'),
  modes: { id: 2, c: 'ETHTOOL_A_WOL_MODES', codec: bitset },
  sopass: { id: 3, c: 'ETHTOOL_A_WOL_SOPASS', codec: binary({ max: 6 }) },
})

/** Switches of one driver. Source: uapi ETHTOOL_A_PRIVFLAGS_*. */
export const PRIVFLAGS = attrTable('privflags', {
  header: headerRow('ETHTOOL_A_PRIVFLAGS_HEADER'),
  flags: { id: 2, c: 'ETHTOOL_A_PRIVFLAGS_FLAGS', codec: bitset },
})
