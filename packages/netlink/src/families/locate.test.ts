import { describe, expect, it } from 'vitest'
import {
  encodeAttrs,
  LINK,
  type LinkAttrs,
  layoutOf,
  locateAttr,
  missingAttr,
  NETDEV,
  NETDEV_QUEUE,
  NETLINK_GENERIC,
  NETLINK_ROUTE,
  type NetdevQueue,
  RTM_GETNSID,
  RTM_NEWLINK,
  splitMessages,
  Writer,
} from '../index.ts'

const families = (id: number) => (id === 22 ? NETDEV : undefined)

function linkRequest(attrs: LinkAttrs): Uint8Array {
  const w = new Writer()
  w.u32(0).u16(RTM_NEWLINK).u16(5).u32(1).u32(0).zeros(16)
  encodeAttrs(LINK, attrs, w)
  w.view.setUint32(0, w.length, true)
  return w.take()
}

function queueRequest(attrs: NetdevQueue): Uint8Array {
  const w = new Writer()
  w.u32(0).u16(22).u16(5).u32(1).u32(0).u8(16).u8(1).u16(0)
  encodeAttrs(NETDEV_QUEUE, attrs, w)
  w.view.setUint32(0, w.length, true)
  return w.take()
}

/** Every offset of the request at which an attribute begins, by what is found there. */
function everything(request: Uint8Array, protocol: number): Map<string, number> {
  const found = new Map<string, number>()
  for (let at = 0; at < request.length; at += 4) {
    const path = locateAttr(request, protocol, at, families)
    if (path !== undefined && !found.has(path)) found.set(path, at)
  }
  return found
}

describe('an attribute at an offset', () => {
  const request = linkRequest({
    ifname: 'nk0',
    mtu: 1400,
    linkinfo: {
      kind: 'netkit',
      data: { mode: 'l2', peerInfo: { header: { ifindex: 3 }, ifname: 'nk1', address: '02:00:00:00:00:01' } },
    },
    rest: [{ type: 999, payload: new Uint8Array(4) }],
  })

  it('has a path through nests, link kinds, and the header in front of a peer’s attributes', () => {
    expect([...everything(request, NETLINK_ROUTE).keys()]).toEqual([
      'ifname',
      'mtu',
      'linkinfo',
      'linkinfo.kind',
      'linkinfo.data',
      'linkinfo.data.peerInfo',
      'linkinfo.data.peerInfo.address',
      'linkinfo.data.peerInfo.ifname',
      'linkinfo.data.mode',
      '999',
    ])
  })

  it('is the one whose header stands there, or else the innermost around it', () => {
    const at = everything(request, NETLINK_ROUTE).get('linkinfo.data.mode')!
    expect(locateAttr(request, NETLINK_ROUTE, at, families)).toBe('linkinfo.data.mode')
    expect(locateAttr(request, NETLINK_ROUTE, at + 4, families)).toBe('linkinfo.data.mode')
  })

  it('in a generic request is found by the family’s tables', () => {
    const queue = queueRequest({ ifindex: 5, type: 'rx', lease: { ifindex: 3, queue: { id: 1, type: 'rx' } } })
    expect([...everything(queue, NETLINK_GENERIC).keys()]).toEqual([
      'ifindex',
      'type',
      'lease',
      'lease.ifindex',
      'lease.queue',
      'lease.queue.id',
      'lease.queue.type',
    ])
  })

  it('is not found outside, nor in what nobody knows', () => {
    expect(locateAttr(request, NETLINK_ROUTE, 0, families)).toBeUndefined()
    expect(locateAttr(request, NETLINK_ROUTE, request.length, families)).toBeUndefined()
    expect(locateAttr(request, NETLINK_GENERIC, 32, families)).toBeUndefined()
    expect(locateAttr(request, 5, 32, families)).toBeUndefined()
    expect(locateAttr(request.subarray(0, 19), NETLINK_ROUTE, 32, families)).toBeUndefined()
  })

  it('is not looked for behind an attribute whose length is wrong', () => {
    const broken = request.slice()
    broken[32] = 3
    expect(locateAttr(broken, NETLINK_ROUTE, 40, families)).toBeUndefined()
  })
})

describe('an attribute that is missing', () => {
  const request = queueRequest({ ifindex: 5, lease: { queue: { type: 'rx' } } })

  it('has the path of the nest in which it was looked for', () => {
    const at = everything(request, NETLINK_GENERIC)
    expect(missingAttr(request, NETLINK_GENERIC, 3, undefined, families)).toBe('type')
    expect(missingAttr(request, NETLINK_GENERIC, 1, at.get('lease'), families)).toBe('lease.ifindex')
    expect(missingAttr(request, NETLINK_GENERIC, 1, at.get('lease.queue'), families)).toBe('lease.queue.id')
  })

  it('is a number where nobody knows its name', () => {
    expect(missingAttr(request, NETLINK_GENERIC, 99, undefined, families)).toBe('99')
    expect(missingAttr(request, NETLINK_GENERIC, 3, 4, families)).toBe('nest at byte 4.3')
    expect(missingAttr(request, NETLINK_ROUTE, 99, undefined, families)).toBe('99')
    expect(missingAttr(request.subarray(0, 4), NETLINK_GENERIC, 3, undefined, families)).toBe('3')
  })
})

describe('the layout of a message', () => {
  it('of rtnetlink is known by its type', () => {
    expect(layoutOf(NETLINK_ROUTE, RTM_GETNSID, 0, families)).toMatchObject({ c: 'RTM_GETNSID', headerSize: 4 })
    expect(layoutOf(NETLINK_ROUTE, RTM_NEWLINK, 0, families)).toMatchObject({
      c: 'RTM_NEWLINK',
      headerSize: 16,
      attrs: LINK,
    })
    expect(layoutOf(NETLINK_ROUTE, 200, 0, families)).toBeUndefined()
  })

  it('of generic netlink is known by family and command', () => {
    expect(layoutOf(NETLINK_GENERIC, 22, 16, families)).toMatchObject({ c: 'NETDEV_CMD_QUEUE_CREATE', headerSize: 4 })
    expect(layoutOf(NETLINK_GENERIC, 22, 99, families)).toBeUndefined()
    expect(layoutOf(NETLINK_GENERIC, 23, 1, families)).toBeUndefined()
    expect(splitMessages(queueRequest({}))[0].header.type).toBe(22)
  })
})
