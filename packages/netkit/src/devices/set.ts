import { type LinkAttrs, linkKind, RT_LINK } from '@netkit/netlink'
import { checkAttrs } from '../input/check.ts'
import { InputError } from '../input/input-error.ts'
import type { Scope } from '../places/scope.ts'
import { Rollback } from '../rollback.ts'
import type { LinkMessage } from './decode.ts'
import { indexOf, look } from './look.ts'
import type { DeviceFlags, DeviceSettings } from './options.ts'
import { type DeviceSelector, deviceText, select } from './selector.ts'
import { attrNameOf, attrsOf, checkSettings, flagsOf, hasFlag, isFlag, SETTING_KEYS } from './settings.ts'

const BARE = { stats: false } as const

/** Where a change happens, and how long it is waited for. */
export interface ChangeContext {
  readonly scope: Scope
  readonly signal: AbortSignal | undefined
}

/** Refuses settings that make no sense, before anything is sent. */
export function checkSet(selector: DeviceSelector, settings: DeviceSettings): void {
  const op = `device set ${deviceText(selector)}`
  checkSettings(op, '', settings, 'change', SETTING_KEYS)
  if (Object.values(settings).every((value) => value === undefined))
    throw new InputError(op, 'settings', 'must not be empty')
}

/**
 * Sets what is common to all devices. The kernel works through several settings one after the other and stops at the
 * first that it refuses: what it has set by then is set back.
 */
export async function set(
  { scope, signal }: ChangeContext,
  selector: DeviceSelector,
  settings: DeviceSettings,
): Promise<void> {
  const op = `device set ${deviceText(selector)}`
  const asked = (Object.keys(settings) as (keyof DeviceSettings)[]).filter((key) => settings[key] !== undefined)
  let { ifindex, attrs: named } = select(op, 'device', selector)
  // A name in the request would be taken for the new one, unless the device is given by ifindex.
  const before =
    asked.length > 1 || (settings.name !== undefined && ifindex === 0)
      ? await look(scope, op, selector, BARE, signal)
      : undefined
  if (before) {
    ifindex = before.ifindex
    named = {}
  }
  const master = await masterOf(scope, op, settings.master, signal)
  const attrs: LinkAttrs = { ...named, ...attrsOf(settings), master }
  const send = (flags: { flags: number; change: number }, values: LinkAttrs) =>
    scope.routeCall(RT_LINK.setlink, 0, { ifindex, ...flags }, values, { op, signal })
  try {
    await send(flagsOf(settings), attrs)
  } catch (e) {
    if (!before || asked.length < 2) throw e
    const back = new Rollback()
    const after = await look(scope, op, { ifindex }, BARE, undefined)
    for (const key of asked) {
      const restore = wayBack(key, settings, before, after)
      if (restore) back.done(`${key} of ${before.attrs.ifname}`, () => send(flagsOf(restore.flags), restore.attrs))
    }
    await back.fail(e)
  }
}

/** How to set one thing back, if it was changed. */
function wayBack(
  key: keyof DeviceSettings,
  asked: DeviceSettings,
  before: LinkMessage,
  after: LinkMessage,
): { flags: DeviceFlags; attrs: LinkAttrs } | undefined {
  if (isFlag(key)) {
    const was = hasFlag(before.flags, key)
    return was !== hasFlag(after.flags, key) && was !== asked[key] ? { flags: { [key]: was }, attrs: {} } : undefined
  }
  const name = key === 'master' ? 'master' : attrNameOf(key)
  if (!name || before.attrs[name] === after.attrs[name]) return undefined
  const nothing = name === 'ifalias' ? '' : name === 'master' ? 0 : undefined
  return { flags: {}, attrs: { [name]: before.attrs[name] ?? nothing } }
}

/**
 * Changes what is particular to the kind of a device. If the kernel stops half-way, what it has changed by then is
 * changed back.
 */
export async function change(
  { scope, signal }: ChangeContext,
  selector: DeviceSelector,
  kind: string,
  data: object,
): Promise<void> {
  const op = `device change ${deviceText(selector)}`
  const table = linkKind(kind)
  if (table) checkAttrs(op, 'data', table, data, 'change')
  const { ifindex, attrs } = select(op, 'device', selector)
  const send = (values: object) =>
    scope.routeCall(RT_LINK.newlink, 0, { ifindex }, { ...attrs, linkinfo: { kind, data: values } }, { op, signal })
  const keys = Object.keys(data).filter((key) => (data as Record<string, unknown>)[key] !== undefined)
  const before = keys.length > 1 ? (await look(scope, op, selector, BARE, signal)).attrs.linkinfo?.data : undefined
  try {
    await send(data)
  } catch (e) {
    if (!before) throw e
    const back = new Rollback()
    const after = (await look(scope, op, selector, BARE, undefined)).attrs.linkinfo?.data
    const [was, is] = [before, after] as Readonly<Record<string, unknown>>[]
    for (const key of keys) {
      if (was[key] === is?.[key]) continue
      back.done(`${key} of ${deviceText(selector)}`, () => send({ [key]: was[key] }))
    }
    await back.fail(e)
  }
}

/** The attribute for a new master: undefined leaves it, 0 releases the device. */
async function masterOf(
  scope: Scope,
  op: string,
  master: DeviceSelector | null | undefined,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  if (master === undefined) return undefined
  return master === null ? 0 : indexOf(scope, op, master, signal)
}
