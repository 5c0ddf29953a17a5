import { COALESCE, ETHTOOL, errno, FIXED_SIZE, type Writer } from '@netkit/netlink'
import type { GenlCall, Handlers } from '../call.ts'
import { readDeviceHeader } from './header.ts'
import type { EthtoolNotifier } from './notify.ts'
import { query } from './query.ts'

const C = COALESCE.ids
/** Settings that are numbers, in the order in which they are reported. Profiles are the driver's, and no driver here has any. */
const NUMBERS = COALESCE.byId.filter(
  (row) => row !== undefined && ![C.header, C.rxProfile, C.txProfile].includes(row.id),
)
/** Numbers of one byte are switches; any but 0 is on. */
const SETTINGS = NUMBERS.map((row) => ({
  id: row?.id ?? 0,
  isSwitch: FIXED_SIZE[row?.codec.policy.type ?? 'u32'] === 1,
}))

function writeCoalesce(w: Writer, settings: Uint32Array): void {
  for (const { id, isSwitch } of SETTINGS) {
    if (isSwitch) w.attrU8(id, settings[id])
    else w.attrU32(id, settings[id])
  }
}

/** How long interrupts wait for more packets. */
export const getCoalesce: Handlers = query((dev) => {
  const hooks = dev.driver.ethtool?.coalesce
  if (!hooks) return -errno.EOPNOTSUPP
  const settings = hooks.get(dev)
  return (w) => writeCoalesce(w, settings)
})

export function setCoalesce(call: GenlCall, notifier: EthtoolNotifier): number {
  const { req, attrs, kernel } = call
  const header = readDeviceHeader(call)
  if (typeof header === 'number') return header
  const { dev } = header
  const hooks = dev.driver.ethtool?.coalesce
  if (!hooks) return -errno.EOPNOTSUPP
  const before = hooks.get(dev)
  const wanted = before.slice()
  for (const { id, isSwitch } of SETTINGS) {
    if (attrs[id] !== 0) wanted[id] = isSwitch ? Number(req.u8(attrs[id]) !== 0) : req.u32(attrs[id])
  }
  if (wanted.every((value, id) => value === before[id])) return 0
  hooks.set(dev, wanted)
  kernel.changes++
  notifier.tell(dev, ETHTOOL.commands.coalesceNtf, (w) => writeCoalesce(w, hooks.get(dev)))
  return 0
}
