import {
  LINK,
  LINKINFO,
  NLA_F_NESTED,
  RTEXT_FILTER_NAME_ONLY,
  RTEXT_FILTER_SKIP_STATS,
  RTEXT_FILTER_VF,
  type Writer,
} from '@netkit/netlink'
import { writeByteString } from '../../net/bytestring.ts'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { reportedFlags } from '../../net/flags.ts'
import type { NetNamespace } from '../../net/namespace.ts'
import { nsidFor } from '../../net/nsid.ts'
import { writeAfSpec } from './af-spec.ts'
import { writeAddresses, writeSettings, writeState, writeVirtualEnd } from './fixed.ts'
import { writeStats } from './stats.ts'
import { writeXdp } from './xdp.ts'

const L = LINK.ids
const PROP_ALT_IFNAME = 53
const NO_MAP = new Uint8Array(32)

/** What a link message depends on besides the device. */
export interface LinkMessage {
  readonly type: number
  readonly change: number
  readonly extMask: number
  /** The requester addressed the namespace by this id. */
  readonly targetNetnsid?: number
  readonly event?: number
  /** Of a device that moves: the id of the namespace it goes to, and its ifindex there. */
  readonly newNetnsid?: number
  readonly newIfindex?: number
  /** Whoever reads it knows namespaces by the ids of this one, which gets a new id if need be. */
  readonly kernel: Core
  readonly reader: NetNamespace
}

function writeAltNames(w: Writer, names: readonly string[]): void {
  const mark = w.begin(L.propList | NLA_F_NESTED)
  for (const name of names) writeByteString(w, PROP_ALT_IFNAME, name)
  w.end(mark)
}

function writeLinkInfo(w: Writer, dev: Device): void {
  const { driver } = dev
  if (driver.kind === undefined) return
  const mark = w.begin(L.linkinfo)
  w.attrString(LINKINFO.ids.kind, driver.kind)
  driver.fillXstats?.(dev, w)
  if (driver.fillInfo) {
    const data = w.begin(LINKINFO.ids.data)
    driver.fillInfo(dev, w)
    w.end(data)
  }
  w.end(mark)
}

function writeLink(w: Writer, dev: Device, m: LinkMessage): void {
  const { linkNs } = dev
  const elsewhere = linkNs !== dev.ns
  if (elsewhere) w.attrU32(L.linkNetnsid, nsidFor(m.kernel, m.reader, linkNs))
  const { iflink } = dev
  if (elsewhere || iflink !== dev.ifindex) w.attrU32(L.link, iflink)
}

/** Writes header and attributes of a link message behind its netlink header, in the kernel's order. Source: spec 01 §2.10.1. */
export function writeLinkMessage(w: Writer, dev: Device, m: LinkMessage): void {
  const at = w.reserve(16)
  const { view } = w
  view.setUint32(at, dev.type << 16, true)
  view.setInt32(at + 4, dev.ifindex, true)
  view.setUint32(at + 8, reportedFlags(dev), true)
  view.setUint32(at + 12, m.change, true)

  const { release } = m.kernel
  const { namesFirst } = release.does
  const altNames = dev.altNames !== undefined && dev.altNames.length > 0 ? dev.altNames : undefined
  if (m.targetNetnsid !== undefined && !namesFirst) w.attrU32(L.targetNetnsid, m.targetNetnsid)
  writeByteString(w, L.ifname, dev.name)
  if (altNames !== undefined && namesFirst) writeAltNames(w, altNames)
  if (m.targetNetnsid !== undefined && namesFirst) w.attrU32(L.targetNetnsid, m.targetNetnsid)
  if ((m.extMask & RTEXT_FILTER_NAME_ONLY) !== 0 && release.does.nameOnly) return
  writeSettings(w, dev)
  if (dev.masterIfindex !== 0) w.attrU32(L.master, dev.masterIfindex)
  w.attrU8(L.carrier, dev.carrier ? 1 : 0)
  if (dev.alias !== '') writeByteString(w, L.ifalias, dev.alias)
  writeState(w, dev)
  if (m.event) w.attrU32(L.event, m.event)
  if (dev.addressLength > 0) writeAddresses(w, dev)
  writePhysical(w, dev)
  const skipStats = (m.extMask & RTEXT_FILTER_SKIP_STATS) !== 0
  if (!skipStats || !release.does.skipsLinkStats) writeStats(w, dev)
  if ((m.extMask & RTEXT_FILTER_VF) !== 0) dev.driver.fillVirtualFunctions?.(dev, w)
  writeXdp(w, dev)
  writeLinkInfo(w, dev)
  if (m.newNetnsid !== undefined) w.attrU32(L.newNetnsid, m.newNetnsid)
  if (m.newIfindex !== undefined) w.attrU32(L.newIfindex, m.newIfindex)
  if (dev.permanentAddress !== undefined) w.attrBytes(L.permAddress, dev.permanentAddress)
  writeLink(w, dev, m)
  w.attrString(L.qdisc, dev.qdisc)
  writeAfSpec(w, dev, release, skipStats)
  const late = namesFirst ? undefined : altNames
  if (dev.parent === undefined && dev.driver.fillDevlinkPort === undefined && late === undefined) writeVirtualEnd(w)
  else writePhysicalEnd(w, dev, late)
  release.trim(w, at + 16, LINK)
}

function writePhysical(w: Writer, dev: Device): void {
  const port = dev.driver.physPortName?.(dev)
  if (port !== undefined) w.attrString(L.physPortName, port)
  const switchId = dev.driver.physSwitchId?.(dev)
  if (switchId !== undefined) w.attrBytes(L.physSwitchId, switchId)
}

function writePhysicalEnd(w: Writer, dev: Device, altNames: readonly string[] | undefined): void {
  w.attrBytes(L.map, NO_MAP)
  if (altNames !== undefined) writeAltNames(w, altNames)
  if (dev.parent !== undefined) {
    w.attrString(L.parentDevName, dev.parent.name)
    w.attrString(L.parentDevBusName, dev.parent.bus)
  }
  const devlink = w.begin(L.devlinkPort | NLA_F_NESTED)
  dev.driver.fillDevlinkPort?.(dev, w)
  w.end(devlink)
  w.end(w.begin(L.dpllPin | NLA_F_NESTED))
}
