import {
  align4,
  checkAttrs,
  errno,
  NLM_F_MULTI,
  type PolicyTable,
  policyOf,
  STRICT,
  STRINGSET,
  STRINGSETS,
  STRSET,
  STRSET_STRING,
  STRSET_STRINGS,
  type Writer,
} from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import type { Request } from '../../net/request.ts'
import { type GenlCall, missing, reply } from '../call.ts'
import { DeviceDump } from '../record-dump.ts'
import { readHeader, writeHeader } from './header.ts'
import { DEVICE_SETS, setCount, sharedStrings } from './strings.ts'

const S = STRSET.ids
const LIST: PolicyTable = policyOf(STRINGSETS, { stringset: { type: 'nest' } })
const ONE: PolicyTable = policyOf(STRINGSET, { id: true })
const found = new Int32Array(2)

/** Which string sets are asked for; none: all that there are for the device, or for no device. */
interface WantedSets {
  readonly sets: ReadonlySet<number>
  readonly countsOnly: boolean
}

function readSets(req: Request, attrs: Int32Array): WantedSets | number {
  const sets = new Set<number>()
  const nest = attrs[S.stringsets]
  if (nest === 0) return { sets, countsOnly: false }
  const end = req.attrEnd(nest)
  const error = checkAttrs(req, nest + 4, end, LIST, STRICT, found)
  if (error !== 0) return error
  for (let at = nest + 4; end - at >= 4; at += align4(req.view.getUint16(at, true))) {
    const bad = checkAttrs(req, at + 4, req.attrEnd(at), ONE, STRICT, found)
    if (bad !== 0) return bad
    const id = found[STRINGSET.ids.id]
    if (id === 0) return missing(req, STRINGSET.ids.id, at)
    if (req.u32(id) >= setCount[req.socket.kernel.release.name])
      return req.refuse(errno.EOPNOTSUPP, 'unknown string set id', at)
    sets.add(req.u32(id))
  }
  return { sets, countsOnly: attrs[S.countsOnly] !== 0 }
}

const isOfDevice = (set: number): boolean => DEVICE_SETS.includes(set)

/** The sets to show, ascending, with their names; or a negative errno. */
function namesOf(req: Request, dev: Device | undefined, { sets }: WantedSets): [number, readonly string[]][] | number {
  const shown: [number, readonly string[]][] = []
  const { release } = req.socket.kernel
  for (let set = 0; set < setCount[release.name]; set++) {
    const ofDevice = isOfDevice(set)
    if (sets.size > 0 ? !sets.has(set) : ofDevice !== (dev !== undefined)) continue
    if (ofDevice && !dev) return req.refuse(errno.EINVAL, 'requested per device strings without dev')
    const names = ofDevice ? dev?.driver.ethtool?.strings?.(dev, set, release) : sharedStrings[release.name].get(set)
    if (names && names.length > 0) shown.push([set, names])
    else if (!ofDevice && sets.size > 0) return -errno.EOPNOTSUPP
  }
  return shown
}

function writeSets(w: Writer, shown: readonly [number, readonly string[]][], countsOnly: boolean): void {
  const all = w.beginNest(S.stringsets)
  for (const [set, names] of shown) {
    const one = w.beginNest(STRINGSETS.ids.stringset)
    w.attrU32(STRINGSET.ids.id, set)
    w.attrU32(STRINGSET.ids.count, names.length)
    if (!countsOnly) writeStrings(w, names)
    w.end(one)
  }
  w.end(all)
}

function writeStrings(w: Writer, names: readonly string[]): void {
  const nest = w.beginNest(STRINGSET.ids.strings)
  names.forEach((name, index) => {
    const string = w.beginNest(STRSET_STRINGS.ids.string)
    w.attrU32(STRSET_STRING.ids.index, index)
    w.attrString(STRSET_STRING.ids.value, name)
    w.end(string)
  })
  w.end(nest)
}

/** Names that the kernel has for numbers: of a device, or those that all devices share. */
export function getStrset(call: GenlCall): number {
  const { req, attrs } = call
  if (attrs[S.header] === 0) return missing(req, S.header)
  const header = readHeader(call, false)
  if (typeof header === 'number') return header
  const wanted = readSets(req, attrs)
  if (typeof wanted === 'number') return wanted
  const { dev } = header
  const shown = namesOf(req, dev, wanted)
  if (typeof shown === 'number') return shown
  return reply(call, (w) => {
    if (dev) writeHeader(w, dev)
    writeSets(w, shown, wanted.countsOnly)
  })
}

export function dumpStrset(call: GenlCall): number {
  const { req, attrs } = call
  const header = readHeader(call, false)
  if (typeof header === 'number') return header
  const wanted = readSets(req, attrs)
  if (typeof wanted === 'number') return wanted
  const records = (dev: Device) => {
    const shown = namesOf(req, dev, wanted)
    if (typeof shown === 'number') return shown === -errno.EOPNOTSUPP ? [] : shown
    const write = (w: Writer) => {
      writeHeader(w, dev)
      writeSets(w, shown, wanted.countsOnly)
    }
    return [write]
  }
  return req.socket.startDump(new DeviceDump(call, undefined, records, { flags: NLM_F_MULTI }))
}
