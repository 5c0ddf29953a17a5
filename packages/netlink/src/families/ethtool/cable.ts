import { u8, u32, u64, uint } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { attrTable } from '../../attr/table.ts'
import { binary, ranged } from '../../attr/values.ts'
import { bitset } from './bitset.ts'
import { headerRow, PHY_HEADER } from './header.ts'

const onOff = ranged(u8, { max: 1 })
const byte = ranged(u32, { max: 255 })

/** Source: uapi ETHTOOL_A_PAUSE_STAT_*. */
export const PAUSE_STATS = attrTable('pause-stat', {
  txFrames: { id: 2, c: 'ETHTOOL_A_PAUSE_STAT_TX_FRAMES', codec: u64 },
  rxFrames: { id: 3, c: 'ETHTOOL_A_PAUSE_STAT_RX_FRAMES', codec: u64 },
})

/** Pause frames. Source: uapi ETHTOOL_A_PAUSE_*. */
export const PAUSE = attrTable('pause', {
  header: headerRow('ETHTOOL_A_PAUSE_HEADER'),
  autoneg: { id: 2, c: 'ETHTOOL_A_PAUSE_AUTONEG', codec: u8 },
  rx: { id: 3, c: 'ETHTOOL_A_PAUSE_RX', codec: u8 },
  tx: { id: 4, c: 'ETHTOOL_A_PAUSE_TX', codec: u8 },
  stats: { id: 5, c: 'ETHTOOL_A_PAUSE_STATS', codec: nest(PAUSE_STATS), access: 'read' },
  statsSrc: { id: 6, c: 'ETHTOOL_A_PAUSE_STATS_SRC', codec: ranged(u32, { max: 2 }) },
})

/** Energy-efficient Ethernet. Source: uapi ETHTOOL_A_EEE_*. */
export const EEE = attrTable('eee', {
  header: headerRow('ETHTOOL_A_EEE_HEADER'),
  modesOurs: { id: 2, c: 'ETHTOOL_A_EEE_MODES_OURS', codec: bitset },
  modesPeer: { id: 3, c: 'ETHTOOL_A_EEE_MODES_PEER', codec: bitset, access: 'read' },
  active: { id: 4, c: 'ETHTOOL_A_EEE_ACTIVE', codec: u8, access: 'read' },
  enabled: { id: 5, c: 'ETHTOOL_A_EEE_ENABLED', codec: u8 },
  txLpiEnabled: { id: 6, c: 'ETHTOOL_A_EEE_TX_LPI_ENABLED', codec: u8 },
  txLpiTimer: { id: 7, c: 'ETHTOOL_A_EEE_TX_LPI_TIMER', codec: u32 },
})

/** Blocks by the number of errors that they had. Source: uapi ETHTOOL_A_FEC_HIST_*. */
export const FEC_HISTOGRAM = attrTable('fec-hist', {
  low: { id: 2, c: 'ETHTOOL_A_FEC_HIST_BIN_LOW', codec: u32 },
  high: { id: 3, c: 'ETHTOOL_A_FEC_HIST_BIN_HIGH', codec: u32 },
  count: { id: 4, c: 'ETHTOOL_A_FEC_HIST_BIN_VAL', codec: uint },
  lanes: { id: 5, c: 'ETHTOOL_A_FEC_HIST_BIN_VAL_PER_LANE', codec: binary() },
})

/** Source: uapi ETHTOOL_A_FEC_STAT_*. */
export const FEC_STATS = attrTable('fec-stat', {
  corrected: { id: 2, c: 'ETHTOOL_A_FEC_STAT_CORRECTED', codec: binary() },
  uncorrectable: { id: 3, c: 'ETHTOOL_A_FEC_STAT_UNCORR', codec: binary() },
  correctedBits: { id: 4, c: 'ETHTOOL_A_FEC_STAT_CORR_BITS', codec: binary() },
  histogram: { id: 5, c: 'ETHTOOL_A_FEC_STAT_HIST', codec: nest(FEC_HISTOGRAM), multi: true, since: '7.3' },
})

/** Forward error correction. Source: uapi ETHTOOL_A_FEC_*. */
export const FEC = attrTable('fec', {
  header: headerRow('ETHTOOL_A_FEC_HEADER'),
  modes: { id: 2, c: 'ETHTOOL_A_FEC_MODES', codec: bitset },
  auto: { id: 3, c: 'ETHTOOL_A_FEC_AUTO', codec: onOff },
  active: { id: 4, c: 'ETHTOOL_A_FEC_ACTIVE', codec: u32, access: 'read' },
  stats: { id: 5, c: 'ETHTOOL_A_FEC_STATS', codec: nest(FEC_STATS), access: 'read' },
})

/** Where along a cable to measure. Source: uapi ETHTOOL_A_CABLE_TEST_TDR_CFG_*. */
export const CABLE_TEST_TDR = attrTable('cable-test-tdr-cfg', {
  first: { id: 1, c: 'ETHTOOL_A_CABLE_TEST_TDR_CFG_FIRST', codec: u32, doc: 'Centimetres.' },
  last: { id: 2, c: 'ETHTOOL_A_CABLE_TEST_TDR_CFG_LAST', codec: u32, doc: 'Centimetres.' },
  step: { id: 3, c: 'ETHTOOL_A_CABLE_TEST_TDR_CFG_STEP', codec: u32, doc: 'Centimetres.' },
  pair: { id: 4, c: 'ETHTOOL_A_CABLE_TEST_TDR_CFG_PAIR', codec: u8 },
})

/** Tests of a cable. Source: uapi ETHTOOL_A_CABLE_TEST_TDR_*. */
export const CABLE_TEST = attrTable('cable-test', {
  header: { ...headerRow('ETHTOOL_A_CABLE_TEST_HEADER'), policy: PHY_HEADER },
  cfg: { id: 2, c: 'ETHTOOL_A_CABLE_TEST_TDR_CFG', codec: nest(CABLE_TEST_TDR, false) },
})

/** Power over Ethernet. Source: uapi ETHTOOL_A_PSE_*. */
export const PSE = attrTable('pse', {
  header: { ...headerRow('ETHTOOL_A_PSE_HEADER'), policy: PHY_HEADER },
  podlPseAdminControl: { id: 3, c: 'ETHTOOL_A_PODL_PSE_ADMIN_CONTROL', codec: ranged(u32, { min: 2, max: 3 }) },
  c33PseAdminControl: { id: 6, c: 'ETHTOOL_A_C33_PSE_ADMIN_CONTROL', codec: ranged(u32, { min: 2, max: 3 }) },
  c33PseAvailPwLimit: { id: 12, c: 'ETHTOOL_A_C33_PSE_AVAIL_PW_LIMIT', codec: u32 },
  c33PsePwLimitRanges: { id: 13, c: 'ETHTOOL_A_C33_PSE_PW_LIMIT_RANGES', codec: binary(), multi: true, access: 'read' },
  psePrio: { id: 16, c: 'ETHTOOL_A_PSE_PRIO', since: '6.17', codec: u32 },
})

/** Collision avoidance on a shared wire. Source: uapi ETHTOOL_A_PLCA_*. */
export const PLCA = attrTable('plca', {
  header: { ...headerRow('ETHTOOL_A_PLCA_HEADER'), policy: PHY_HEADER },
  version: { id: 2, c: 'ETHTOOL_A_PLCA_VERSION', codec: u32, access: 'read' },
  enabled: { id: 3, c: 'ETHTOOL_A_PLCA_ENABLED', codec: onOff },
  status: { id: 4, c: 'ETHTOOL_A_PLCA_STATUS', codec: u8, access: 'read' },
  nodeCnt: { id: 5, c: 'ETHTOOL_A_PLCA_NODE_CNT', codec: ranged(u32, { min: 1, max: 255 }) },
  nodeId: { id: 6, c: 'ETHTOOL_A_PLCA_NODE_ID', codec: byte },
  toTmr: { id: 7, c: 'ETHTOOL_A_PLCA_TO_TMR', codec: byte },
  burstCnt: { id: 8, c: 'ETHTOOL_A_PLCA_BURST_CNT', codec: byte },
  burstTmr: { id: 9, c: 'ETHTOOL_A_PLCA_BURST_TMR', codec: byte },
})

/** Frame preemption. Source: uapi ETHTOOL_A_MM_*. */
export const MM = attrTable('mm', {
  header: headerRow('ETHTOOL_A_MM_HEADER'),
  pmacEnabled: { id: 2, c: 'ETHTOOL_A_MM_PMAC_ENABLED', codec: onOff },
  txEnabled: { id: 3, c: 'ETHTOOL_A_MM_TX_ENABLED', codec: onOff },
  txActive: { id: 4, c: 'ETHTOOL_A_MM_TX_ACTIVE', codec: u8, access: 'read' },
  txMinFragSize: { id: 5, c: 'ETHTOOL_A_MM_TX_MIN_FRAG_SIZE', codec: ranged(u32, { min: 60, max: 252 }) },
  rxMinFragSize: { id: 6, c: 'ETHTOOL_A_MM_RX_MIN_FRAG_SIZE', codec: u32, access: 'read' },
  verifyEnabled: { id: 7, c: 'ETHTOOL_A_MM_VERIFY_ENABLED', codec: onOff },
  verifyStatus: { id: 8, c: 'ETHTOOL_A_MM_VERIFY_STATUS', codec: u8, access: 'read' },
  verifyTime: { id: 9, c: 'ETHTOOL_A_MM_VERIFY_TIME', codec: ranged(u32, { min: 1, max: 128 }) },
  maxVerifyTime: { id: 10, c: 'ETHTOOL_A_MM_MAX_VERIFY_TIME', codec: u32, access: 'read' },
  stats: { id: 11, c: 'ETHTOOL_A_MM_STATS', codec: binary(), access: 'read' },
})

/** Mean square error of the signal, by PHY. */
export const MSE = attrTable('mse', { header: { ...headerRow('ETHTOOL_A_MSE_HEADER'), policy: PHY_HEADER } })

/** Source: uapi ETHTOOL_A_TUNNEL_UDP_TABLE_*. */
export const UDP_PORT_TABLE = attrTable('tunnel-udp-table', {
  size: { id: 1, c: 'ETHTOOL_A_TUNNEL_UDP_TABLE_SIZE', codec: u32 },
  types: { id: 2, c: 'ETHTOOL_A_TUNNEL_UDP_TABLE_TYPES', codec: bitset },
})

/** Source: uapi ETHTOOL_A_TUNNEL_UDP_*. */
export const UDP_PORTS = attrTable('tunnel-udp', {
  table: { id: 1, c: 'ETHTOOL_A_TUNNEL_UDP_TABLE', codec: nest(UDP_PORT_TABLE), multi: true },
})

/** Offloads of tunnels. Source: uapi ETHTOOL_A_TUNNEL_INFO_*. */
export const TUNNEL_INFO = attrTable('tunnel-info', {
  header: headerRow('ETHTOOL_A_TUNNEL_INFO_HEADER'),
  udpPorts: { id: 2, c: 'ETHTOOL_A_TUNNEL_INFO_UDP_PORTS', codec: nest(UDP_PORTS), access: 'read' },
})
