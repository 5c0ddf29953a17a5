import { u32 } from '../../attr/integers.ts'
import type { Policy, PolicyTable } from '../../attr/policy.ts'
import { type AnyTable, policyOf } from '../../attr/table.ts'
import { ranged } from '../../attr/values.ts'
import { type GenlCommand, genlFamily } from '../family.ts'
import { CABLE_TEST, EEE, FEC, MM, MSE, PAUSE, PLCA, PSE, TUNNEL_INFO } from './cable.ts'
import { CHANNELS } from './channels.ts'
import { COALESCE } from './coalesce.ts'
import { FEATURES } from './features.ts'
import { PHY_HEADER, STATS_HEADER } from './header.ts'
import { DEBUG, LINKINFO_SETTINGS, LINKMODES, LINKSTATE, PRIVFLAGS, WOL } from './link.ts'
import { MODULE, MODULE_EEPROM, MODULE_FW_FLASH, PHY } from './module.ts'
import { RINGS } from './rings.ts'
import { RSS } from './rss.ts'
import { STATS } from './stats.ts'
import { STRSET } from './strset.ts'
import { PHC_VCLOCKS, TSCONFIG, TSINFO } from './time.ts'

type Take = Readonly<Record<string, true | Policy>>

const HEADER: Take = { header: true }
const STATISTICS: Take = { header: STATS_HEADER }
const OF_PHY: Take = { header: PHY_HEADER }

/** `maxId`: the highest id that is known; default: the highest that is accepted. */
function takeOnly(attrs: AnyTable, take: Take, maxId: number): PolicyTable {
  const policy = policyOf(attrs, take)
  return maxId > 0 ? { ...policy, maxId, whole: true } : policy
}

/** Both forms of a request, checked alike. */
const forms = (policy: PolicyTable) => ({ do: policy, dump: policy })

/** Both forms of a query, checked by one policy. */
function query(id: number, replyId: number, c: string, attrs: AnyTable, take: Take = HEADER, maxId = 0): GenlCommand {
  return { id, replyId, c: `ETHTOOL_MSG_${c}`, attrs, ...forms(takeOnly(attrs, take, maxId)), reads: true }
}

/** The same for what only an administrator may read. */
const secret = (...args: Parameters<typeof query>): GenlCommand => ({ ...query(...args), privilege: 'ns-admin' })

/** `takes`: the attributes that it accepts, by name or with policies of their own. `replyId` 0: it has no reply. */
function change(id: number, replyId: number, c: string, attrs: AnyTable, takes: Take | string, maxId = 0): GenlCommand {
  const take =
    typeof takes === 'string'
      ? Object.fromEntries(['header', ...takes.split(' ')].map((k) => [k, true] as const))
      : takes
  return { id, replyId, c: `ETHTOOL_MSG_${c}`, attrs, do: takeOnly(attrs, take, maxId), privilege: 'ns-admin' }
}

const event = (id: number, c: string, attrs: AnyTable): GenlCommand => ({
  id,
  c: `ETHTOOL_MSG_${c}`,
  attrs,
  event: true,
})

/** What came with a release. */
const since = (release: string, command: GenlCommand): GenlCommand => ({ ...command, since: release })

const COALESCE_SETTINGS = Object.keys(COALESCE.ids).slice(1).join(' ')
const NEW_CONTEXT = ranged(u32, { min: 1 }).policy

/**
 * Settings of devices. Requests and what the kernel sends are numbered apart: `replyId`, and `event` for what it sends of
 * its own. Source: spec 01 §4.11; policies as Linux 7.3 lists them.
 */
export const ETHTOOL = genlFamily({
  name: 'ethtool',
  version: 1,
  groups: ['monitor'],
  checkedFrom: 35,
  commands: {
    strsetGet: query(1, 1, 'STRSET_GET', STRSET, { header: PHY_HEADER, stringsets: true, countsOnly: true }),
    linkinfoGet: query(2, 2, 'LINKINFO_GET', LINKINFO_SETTINGS),
    linkinfoSet: change(3, 0, 'LINKINFO_SET', LINKINFO_SETTINGS, 'port phyaddr tpMdixCtrl'),
    linkmodesGet: query(4, 4, 'LINKMODES_GET', LINKMODES),
    linkmodesSet: change(5, 0, 'LINKMODES_SET', LINKMODES, 'autoneg ours speed duplex masterSlaveCfg lanes'),
    linkstateGet: query(6, 6, 'LINKSTATE_GET', LINKSTATE, STATISTICS),
    debugGet: query(7, 7, 'DEBUG_GET', DEBUG),
    debugSet: change(8, 0, 'DEBUG_SET', DEBUG, 'msgmask'),
    wolGet: secret(9, 9, 'WOL_GET', WOL),
    wolSet: change(10, 0, 'WOL_SET', WOL, 'modes sopass'),
    featuresGet: query(11, 11, 'FEATURES_GET', FEATURES),
    featuresSet: change(12, 12, 'FEATURES_SET', FEATURES, 'wanted'),
    privflagsGet: query(13, 14, 'PRIVFLAGS_GET', PRIVFLAGS),
    privflagsSet: change(14, 0, 'PRIVFLAGS_SET', PRIVFLAGS, 'flags'),
    ringsGet: query(15, 16, 'RINGS_GET', RINGS),
    ringsSet: change(
      16,
      0,
      'RINGS_SET',
      RINGS,
      'rx rxMini rxJumbo tx rxBufLen tcpDataSplit cqeSize txPush rxPush txPushBufLen hdsThresh',
      18,
    ),
    channelsGet: query(17, 18, 'CHANNELS_GET', CHANNELS),
    channelsSet: change(18, 0, 'CHANNELS_SET', CHANNELS, 'rxCount txCount otherCount combinedCount'),
    coalesceGet: query(19, 20, 'COALESCE_GET', COALESCE),
    coalesceSet: change(20, 0, 'COALESCE_SET', COALESCE, COALESCE_SETTINGS),
    pauseGet: query(21, 22, 'PAUSE_GET', PAUSE, { header: STATS_HEADER, statsSrc: true }),
    pauseSet: {
      ...change(22, 0, 'PAUSE_SET', PAUSE, {}),
      do: policyOf(
        PAUSE,
        { header: true, autoneg: true, rx: true, tx: true, statsSrc: { type: 'reject' } },
        { statsSrc: '7.3' },
      ),
    },
    eeeGet: query(23, 24, 'EEE_GET', EEE),
    eeeSet: change(24, 0, 'EEE_SET', EEE, 'modesOurs enabled txLpiEnabled txLpiTimer'),
    tsinfoGet: {
      ...query(25, 26, 'TSINFO_GET', TSINFO, { header: STATS_HEADER, hwtstampProvider: true }, 9),
      earlier: { before: '6.14', ...forms(takeOnly(TSINFO, STATISTICS, 0)) },
    },
    cableTestAct: change(26, 0, 'CABLE_TEST_ACT', CABLE_TEST, OF_PHY),
    cableTestTdrAct: change(27, 0, 'CABLE_TEST_TDR_ACT', CABLE_TEST, { header: PHY_HEADER, cfg: true }),
    tunnelInfoGet: query(28, 29, 'TUNNEL_INFO_GET', TUNNEL_INFO),
    fecGet: query(29, 30, 'FEC_GET', FEC, STATISTICS),
    fecSet: change(30, 0, 'FEC_SET', FEC, 'modes auto'),
    moduleEepromGet: secret(31, 32, 'MODULE_EEPROM_GET', MODULE_EEPROM, {
      header: true,
      offset: true,
      length: true,
      page: true,
      bank: true,
      i2cAddress: true,
    }),
    statsGet: query(32, 33, 'STATS_GET', STATS, { header: true, groups: true, src: true }),
    phcVclocksGet: query(33, 34, 'PHC_VCLOCKS_GET', PHC_VCLOCKS),
    moduleGet: query(34, 35, 'MODULE_GET', MODULE),
    moduleSet: change(35, 0, 'MODULE_SET', MODULE, 'powerModePolicy'),
    pseGet: query(36, 37, 'PSE_GET', PSE, OF_PHY),
    pseSet: change(
      37,
      0,
      'PSE_SET',
      PSE,
      {
        header: PHY_HEADER,
        podlPseAdminControl: true,
        c33PseAdminControl: true,
        c33PseAvailPwLimit: true,
        psePrio: true,
      },
      16,
    ),
    rssGet: query(38, 38, 'RSS_GET', RSS, { header: true, context: true, startContext: true }),
    plcaGetCfg: query(39, 39, 'PLCA_GET_CFG', PLCA, OF_PHY),
    plcaSetCfg: change(40, 0, 'PLCA_SET_CFG', PLCA, 'enabled nodeCnt nodeId toTmr burstCnt burstTmr'),
    plcaGetStatus: query(41, 40, 'PLCA_GET_STATUS', PLCA, OF_PHY),
    mmGet: query(42, 42, 'MM_GET', MM, STATISTICS),
    mmSet: change(43, 0, 'MM_SET', MM, 'pmacEnabled txEnabled txMinFragSize verifyEnabled verifyTime', 11),
    moduleFwFlashAct: change(44, 0, 'MODULE_FW_FLASH_ACT', MODULE_FW_FLASH, 'fileName password'),
    phyGet: query(45, 45, 'PHY_GET', PHY),
    tsconfigGet: since('6.14', query(46, 47, 'TSCONFIG_GET', TSCONFIG)),
    tsconfigSet: since(
      '6.14',
      change(47, 48, 'TSCONFIG_SET', TSCONFIG, 'hwtstampProvider txTypes rxFilters hwtstampFlags'),
    ),
    rssSet: since('6.17', change(48, 0, 'RSS_SET', RSS, 'context hfunc indir hkey inputXfrm flowHash')),
    rssCreateAct: since(
      '6.17',
      change(49, 51, 'RSS_CREATE_ACT', RSS, {
        header: true,
        context: NEW_CONTEXT,
        hfunc: true,
        indir: { type: 'binary', min: 1 },
        hkey: true,
        inputXfrm: true,
      }),
    ),
    rssDeleteAct: since('6.17', change(50, 0, 'RSS_DELETE_ACT', RSS, { header: true, context: NEW_CONTEXT })),
    mseGet: since('6.19', query(51, 54, 'MSE_GET', MSE, OF_PHY)),

    linkinfoNtf: event(3, 'LINKINFO_NTF', LINKINFO_SETTINGS),
    linkmodesNtf: event(5, 'LINKMODES_NTF', LINKMODES),
    debugNtf: event(8, 'DEBUG_NTF', DEBUG),
    wolNtf: event(10, 'WOL_NTF', WOL),
    featuresNtf: event(13, 'FEATURES_NTF', FEATURES),
    privflagsNtf: event(15, 'PRIVFLAGS_NTF', PRIVFLAGS),
    ringsNtf: event(17, 'RINGS_NTF', RINGS),
    channelsNtf: event(19, 'CHANNELS_NTF', CHANNELS),
    coalesceNtf: event(21, 'COALESCE_NTF', COALESCE),
    pauseNtf: event(23, 'PAUSE_NTF', PAUSE),
    eeeNtf: event(25, 'EEE_NTF', EEE),
    cableTestNtf: event(27, 'CABLE_TEST_NTF', CABLE_TEST),
    cableTestTdrNtf: event(28, 'CABLE_TEST_TDR_NTF', CABLE_TEST),
    fecNtf: event(31, 'FEC_NTF', FEC),
    moduleNtf: event(36, 'MODULE_NTF', MODULE),
    plcaNtf: event(41, 'PLCA_NTF', PLCA),
    mmNtf: event(43, 'MM_NTF', MM),
    moduleFwFlashNtf: event(44, 'MODULE_FW_FLASH_NTF', MODULE_FW_FLASH),
    phyNtf: event(46, 'PHY_NTF', PHY),
    pseNtf: since('6.17', event(49, 'PSE_NTF', PSE)),
    rssNtf: since('6.17', event(50, 'RSS_NTF', RSS)),
    rssCreateNtf: since('6.17', event(52, 'RSS_CREATE_NTF', RSS)),
    rssDeleteNtf: since('6.17', event(53, 'RSS_DELETE_NTF', RSS)),
  },
})
