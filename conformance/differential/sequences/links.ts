import { LINK, NSID } from '@netkit/netlink'
import { addProps, altnames, delProps } from '../neighbours/names.ts'
import {
  delLink,
  dumpLinks,
  fdOf,
  getLink,
  getNsid,
  kind,
  modify,
  name,
  newLink,
  newNsid,
  peerOf,
  setLink,
} from '../steps.ts'
import { attr, type Bytes, u32 } from '../wire.ts'
import { ALTNAMES, IDS, KINDS, LINK_ATTRS, NAMES, NETKIT_ATTRS } from './attributes.ts'
import type { Plan } from './plan.ts'

/** Requests to rtnetlink from a namespace. */

const L = LINK.ids
const NLM_F_REPLACE_ONLY = 0x200
const NLM_F_CREATE_MAYBE = 0x400
const NLM_F_CREATE_NEW = 0x600

export function create(p: Plan): Bytes {
  const { c } = p
  const of = c.pick(KINDS)
  const data = of === 'netkit' ? [p.some(NETKIT_ATTRS, 3)] : []
  const info =
    of !== 'dummy' && c.oneIn(3)
      ? peerOf(
          of,
          { index: c.oneIn(4) ? 20 + c.below(5) : 0, flags: c.oneIn(5) ? 1 : 0 },
          [...(c.oneIn(2) ? name(c.pick(NAMES)) : []), ...(c.oneIn(2) ? p.place() : []), ...p.some(LINK_ATTRS, 2)],
          ...data,
        )
      : kind(of, ...data)
  const attrs = [
    ...(c.oneIn(3) ? [] : name(c.pick(NAMES))),
    ...(of === 'netkit' && c.oneIn(3) ? attr(L.numRxQueues, u32(2 + c.below(3))) : []),
    ...(c.oneIn(4) ? p.place() : []),
    ...p.some(LINK_ATTRS, 2),
    ...info,
  ]
  const head = {
    index: c.oneIn(8) ? 10 + c.below(8) : 0,
    flags: c.oneIn(5) ? c.pick([1, 0x1001, 0x81]) : 0,
    change: c.oneIn(8) ? c.pick([1, 0x81]) : 0,
  }
  const flags = c.pick([NLM_F_CREATE_NEW, NLM_F_CREATE_NEW, NLM_F_CREATE_MAYBE, NLM_F_REPLACE_ONLY])
  return newLink(attrs, head, p.flags(flags))
}

export function change(p: Plan, ns: string): Bytes {
  const { c } = p
  const [which, head] = p.which(ns)
  const attrs = [
    ...which,
    ...p.some(LINK_ATTRS, 3),
    ...(c.oneIn(8) ? kind(c.pick(KINDS), p.some(NETKIT_ATTRS, 2)) : []),
  ]
  const flags = c.oneIn(6)
    ? { flags: c.pick([0, 1, 0x100, 0x201, 0x80, 0x1000]), change: c.pick([1, 0x100, 0x301, 0x80, 0x1080]) }
    : {}
  return (c.oneIn(2) ? modify : setLink)(attrs, { ...head, ...flags }, p.flags(0))
}

export function upOrDown(p: Plan, ns: string): Bytes {
  const [which, head] = p.which(ns)
  return modify(which, { ...head, flags: p.c.below(3) === 0 ? 0 : 1, change: 1 }, p.flags(0))
}

export function move(p: Plan, ns: string): Bytes {
  const { c } = p
  const [which, head] = p.which(ns)
  return (c.oneIn(2) ? modify : setLink)(
    [...which, ...p.place(), ...(c.oneIn(3) ? p.some(LINK_ATTRS, 2) : [])],
    { ...head, ...(c.oneIn(5) ? { flags: 1, change: 1 } : {}) },
    p.flags(0),
  )
}

export function remove(p: Plan, ns: string): Bytes {
  const { c } = p
  const [which, head] = p.which(ns)
  if (c.oneIn(5)) return delLink(attr(L.group, u32(c.below(4))), {}, p.flags(0))
  return delLink([...which, ...(c.oneIn(6) ? p.place() : [])], head, p.flags(0))
}

export function get(p: Plan, ns: string): Bytes {
  const { c } = p
  const [which, head] = p.which(ns)
  const more = c.oneIn(3) ? p.place() : c.oneIn(3) ? attr(L.extMask, u32(c.pick([1, 8, 9, 0x100]))) : []
  if (c.oneIn(2))
    return dumpLinks(c.oneIn(2) ? more : c.pick([kind('netkit'), kind('dummy'), attr(L.master, u32(-1)), []]))
  return getLink([...which, ...more], head)
}

export function names(p: Plan, ns: string): Bytes {
  const { c } = p
  const [which, head] = p.which(ns)
  const list = altnames(...Array.from({ length: 1 + c.below(2) }, () => c.pick(ALTNAMES)))
  return (c.oneIn(3) ? delProps : addProps)([...which, ...list], head)
}

export function nsid(p: Plan): Bytes {
  const { c } = p
  const fd = attr(NSID.ids.fd, u32(fdOf(c.pick([...p.alive, 'Z']))))
  if (c.oneIn(3)) return getNsid([...fd, ...(c.oneIn(3) ? attr(NSID.ids.targetNsid, u32(c.pick(IDS))) : [])])
  return newNsid([...attr(NSID.ids.nsid, u32(c.pick(IDS))), ...fd])
}

/** Nothing that changes a carrier: whether that is told before the next message depends on when the kernel gets to it. */
export const several = (p: Plan, ns: string): Bytes => [...nsid(p), ...names(p, ns), ...get(p, ns)]
