import type { BirthSettings, DeviceSettings } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import type { ArgsOf } from '../../grammar/words.ts'
import type { birth, later, settings } from './words.ts'

type Said = ArgsOf<typeof settings>

/** Words for settings in the SDK's names. What was not said is absent. */
function common(said: Said & Partial<ArgsOf<typeof birth>>): DeviceSettings {
  if (said.up && said.down) throw new UsageError("'up' and 'down' exclude each other")
  return present({
    mtu: said.mtu,
    address: said.address,
    broadcast: said.broadcast,
    txqlen: said.txqueuelen,
    alias: said.alias,
    group: said.group,
    up: said.up ? true : said.down ? false : undefined,
    arp: said.arp,
    multicast: said.multicast,
    allmulticast: said.allmulticast,
    promisc: said.promisc,
    dynamic: said.dynamic,
    gsoMaxSize: said.gso_max_size,
    gsoMaxSegs: said.gso_max_segs,
    groMaxSize: said.gro_max_size,
    gsoIpv4MaxSize: said.gso_ipv4_max_size,
    groIpv4MaxSize: said.gro_ipv4_max_size,
  })
}

/** Without what is undefined. */
export const present = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T

export const birthSettings = (said: ArgsOf<typeof birth>): BirthSettings => ({
  ...common(said),
  ...present({
    name: said.name,
    ifindex: said.index,
    numTxQueues: said.numtxqueues,
    numRxQueues: said.numrxqueues,
    altnames: said.altname,
  }),
})

/** What `link set` changes, apart from the namespace. */
export function laterSettings(said: ArgsOf<typeof later>): DeviceSettings {
  if (said.master !== undefined && said.nomaster) throw new UsageError("'master' and 'nomaster' exclude each other")
  return {
    ...common(said),
    ...present({
      name: said.name,
      linkmode: said.mode,
      operstate: said.state,
      master: said.nomaster ? null : said.master,
    }),
  }
}
