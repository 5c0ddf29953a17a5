import { checkAttrs, LIBERAL, LINK, LINKINFO, type PolicyTable } from '@netkit/netlink'
import { readByteString } from './bytestring.ts'
import type { Device } from './device.ts'
import type { DriverHooks } from './driver.ts'
import type { NetNamespace } from './namespace.ts'
import type { Request } from './request.ts'

const L = LINK.ids
export const LINK_HEADER_SIZE = 16
const IDS = LINK.policy.maxId + 1
const INFO_IDS = LINKINFO.policy.maxId + 1
const NO_ATTRS_FOUND = new Int32Array(0)

/** A link request, parsed: its header, and where each attribute stands (0: absent). */
export class LinkRequest {
  ifindex = 0
  flags = 0
  change = 0
  readonly attrs = new Int32Array(IDS)
  readonly info = new Int32Array(INFO_IDS)
  kind: string | undefined
  driver: DriverHooks | undefined
  /** Inside IFLA_INFO_DATA, if the kind has a table for it. */
  data: Int32Array = NO_ATTRS_FOUND
  hasData = false
  /** The peer that is described inside, or this request itself where none is; of kinds with peers. */
  peer: LinkRequest | undefined
  /** The attributes of `peer` are its own. */
  peerGiven = false
  /** Where the device goes, where its peer does, and the namespace that LINK_NETNSID names; as far as they were found. */
  targetNs: NetNamespace | undefined
  peerNs: NetNamespace | undefined
  linkNs: NetNamespace | undefined

  /** Where attributes of the kind's data and of the peer are noted, if there are any. */
  #data: Int32Array | undefined
  #peer: LinkRequest | undefined

  has(id: number): boolean {
    return this.attrs[id] !== 0
  }

  /** Makes `data` ready for the attributes of a table. */
  makeData({ maxId }: PolicyTable): Int32Array {
    if (this.#data === undefined || this.#data.length <= maxId) this.#data = new Int32Array(Math.max(maxId + 1, 16))
    this.data = this.#data.fill(0)
    return this.data
  }

  /** An empty request for the peer that is described inside. */
  makePeer(): LinkRequest {
    this.#peer ??= new LinkRequest()
    return this.#peer.clear()
  }

  /** Forgets everything. */
  clear(): this {
    this.ifindex = 0
    this.flags = 0
    this.change = 0
    this.attrs.fill(0)
    this.info.fill(0)
    this.kind = undefined
    this.driver = undefined
    this.data = NO_ATTRS_FOUND
    this.hasData = false
    this.peer = undefined
    this.peerGiven = false
    this.targetNs = undefined
    this.peerNs = undefined
    this.linkNs = undefined
    return this
  }

  get addressGiven(): boolean {
    return this.attrs[L.address] !== 0
  }
}

const spare: LinkRequest[] = []

/** Handles a request with an empty link request, which is used again afterwards: nobody may keep it. */
export function withLinkRequest(req: Request, handle: (req: Request, link: LinkRequest) => number): number {
  const link = spare.pop() ?? new LinkRequest()
  try {
    return handle(req, link)
  } finally {
    spare.push(link.clear())
  }
}

/** Reads the header at `at`. */
export function readLinkHeader(req: Request, link: LinkRequest, at: number): void {
  link.ifindex = req.view.getInt32(at + 4, true)
  link.flags = req.view.getUint32(at + 8, true)
  link.change = req.view.getUint32(at + 12, true)
}

/** Parses header and attributes as most operations do. Returns 0 or a negative errno. */
export function parseLink(req: Request, link: LinkRequest): number {
  const body = req.start + 16
  if (req.end - body < LINK_HEADER_SIZE) {
    req.extack.msg = 'Invalid header length'
    return -22
  }
  readLinkHeader(req, link, body)
  return checkAttrs(req, body + LINK_HEADER_SIZE, req.end, req.policy(LINK.policy), LIBERAL, link.attrs)
}

/** Bytes of a string attribute up to its first NUL. */
export const nameAttr = (req: Request, attr: number): string => readByteString(req.bytes, attr + 4, req.attrEnd(attr))

/** The device that header or names mean; undefined if there is none or none was named. */
export function findDevice(ns: NetNamespace, req: Request, link: LinkRequest): Device | undefined {
  if (link.ifindex > 0) return ns.devices.get(link.ifindex)
  if (link.has(L.ifname)) return ns.names.get(nameAttr(req, link.attrs[L.ifname]))
  if (link.has(L.altIfname)) return ns.names.get(nameAttr(req, link.attrs[L.altIfname]))
  return undefined
}

/** Whether the request says at all which device it means. */
export const namesDevice = (link: LinkRequest): boolean =>
  link.ifindex > 0 || link.has(L.ifname) || link.has(L.altIfname)
