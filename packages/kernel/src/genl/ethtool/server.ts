import { ETHTOOL, errno, PHY } from '@netkit/netlink'
import type { FamilyServer, Handlers } from '../call.ts'
import { getChannels, setChannels } from './channels.ts'
import { getCoalesce, setCoalesce } from './coalesce.ts'
import { getFeatures, setFeatures } from './features.ts'
import { getFec, setFec } from './fec.ts'
import { readDeviceHeader } from './header.ts'
import { getLinkinfo, getLinkmodes } from './link-settings.ts'
import { getLinkstate } from './linkstate.ts'
import type { EthtoolNotifier } from './notify.ts'
import { getPause, setPause } from './pause.ts'
import { getModuleEeprom, setLinkmodes, setPrivflags, testCable } from './refused.ts'
import { getRings, setRings } from './rings.ts'
import { deleteRss, getRss, setRss } from './rss.ts'
import { getStats } from './stats.ts'
import { dumpStrset, getStrset } from './strset.ts'
import { getTsinfo } from './tsinfo.ts'
import { getTunnelInfo } from './tunnel-info.ts'
import { empty, noModulePower, unsupported, unsupportedAction, unsupportedChange } from './unsupported.ts'

/** Power over Ethernet. In dumps newer releases keep to themselves why a device has none. */
const noPower: Handlers = {
  do: unsupported('No PHY found').do,
  dump: (call) =>
    unsupported(call.kernel.release.does.dumpsPowerSilently ? undefined : 'No PHY found').dump?.(call) ?? 0,
}

/** Older releases say in words that the header is missing, and succeed with one. */
const noPhy: Handlers = {
  ...unsupported(),
  do(call) {
    const { missesPhy } = call.kernel.release.does
    if (!missesPhy && call.attrs[PHY.ids.header] === 0) return call.req.refuse(errno.EINVAL, 'request header missing')
    const header = readDeviceHeader(call)
    if (typeof header === 'number') return header
    return missesPhy ? -errno.EOPNOTSUPP : 0
  },
}

/** What no device here has, and what is said of it. */
const ABSENT: Readonly<Record<string, Handlers>> = {
  linkinfoGet: getLinkinfo,
  linkmodesGet: getLinkmodes,
  debugGet: unsupported(),
  wolGet: unsupported(),
  privflagsGet: unsupported(),
  eeeGet: unsupported(),
  tunnelInfoGet: getTunnelInfo,
  moduleSet: noModulePower,
  moduleEepromGet: getModuleEeprom,
  privflagsSet: setPrivflags,
  linkmodesSet: setLinkmodes,
  pseGet: noPower,
  plcaGetCfg: unsupported(),
  plcaGetStatus: unsupported(),
  mmGet: unsupported(),
  phyGet: noPhy,
  tsconfigGet: unsupported(),
  mseGet: unsupported(),
  pseSet: unsupportedChange('No PHY is attached'),
  cableTestAct: unsupportedAction(),
  cableTestTdrAct: testCable,
  moduleFwFlashAct: unsupportedAction('Flashing module firmware is not supported by this device'),
  rssCreateAct: unsupportedAction(),
  rssDeleteAct: { do: deleteRss },
}

/** Answers the family `ethtool`. Source: spec 01 §4.11, and Linux 7.3. */
export function ethtoolServer(notifier: EthtoolNotifier): FamilyServer {
  const handlers: Record<string, Handlers> = {
    ...ABSENT,
    strsetGet: { do: getStrset, dump: dumpStrset },
    linkstateGet: getLinkstate,
    featuresGet: getFeatures,
    featuresSet: { do: setFeatures },
    ringsGet: getRings,
    ringsSet: { do: (call) => setRings(call, notifier) },
    channelsGet: getChannels,
    channelsSet: { do: (call) => setChannels(call, notifier) },
    coalesceGet: getCoalesce,
    coalesceSet: { do: (call) => setCoalesce(call, notifier) },
    pauseGet: getPause,
    pauseSet: { do: (call) => setPause(call, notifier) },
    fecGet: getFec,
    fecSet: { do: (call) => setFec(call, notifier) },
    statsGet: getStats,
    tsinfoGet: getTsinfo,
    phcVclocksGet: empty,
    moduleGet: empty,
    rssGet: getRss,
    rssSet: { do: (call) => setRss(call, notifier) },
  }
  for (const [key, command] of Object.entries(ETHTOOL.commands)) {
    if (!command.event && !command.dump) handlers[key] ??= unsupportedChange()
  }
  return { family: ETHTOOL, handlers }
}
