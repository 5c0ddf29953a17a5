import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type AttrsOf,
  Data,
  decodeAttrs,
  encodeAttrs,
  fromHex,
  LINK,
  LINK_KIND_NAMES,
  LINKINFO,
  type LinkAttrs,
  type LinkInfo,
  linkKind,
  NETKIT,
  type NetkitData,
  type PeerInfo,
  type RawAttr,
  toHex,
  Writer,
} from '../../index.ts'

const encode = (attrs: LinkAttrs): Uint8Array => {
  const w = new Writer()
  encodeAttrs(LINK, attrs, w)
  return w.take()
}
const decode = (bytes: Uint8Array): LinkAttrs => decodeAttrs(LINK, new Data(bytes), 0, bytes.length)
const again = (attrs: LinkAttrs): LinkAttrs => decode(encode(attrs))

describe('types of links', () => {
  it('follow from the tables', () => {
    expectTypeOf<LinkAttrs['ifname']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<LinkAttrs['mtu']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<LinkAttrs['linkinfo']>().toEqualTypeOf<LinkInfo | undefined>()
    expectTypeOf<LinkAttrs['physSwitchId']>().toEqualTypeOf<Uint8Array | undefined>()
    expectTypeOf<LinkAttrs['rest']>().toEqualTypeOf<readonly RawAttr[] | undefined>()
    expectTypeOf<NonNullable<LinkAttrs['operstate']>>().toEqualTypeOf<
      'unknown' | 'notpresent' | 'down' | 'lowerlayerdown' | 'testing' | 'dormant' | 'up' | number
    >()
    expectTypeOf<NonNullable<LinkAttrs['propList']>['altIfname']>().toEqualTypeOf<readonly string[] | undefined>()
  })

  it('of netkit name modes, policies and the peer', () => {
    expectTypeOf<NetkitData>().toEqualTypeOf<AttrsOf<typeof NETKIT>>()
    expectTypeOf<NetkitData['mode']>().toEqualTypeOf<'l2' | 'l3' | number | undefined>()
    expectTypeOf<NetkitData['policy']>().toEqualTypeOf<'forward' | 'blackhole' | number | undefined>()
    expectTypeOf<NetkitData['pairing']>().toEqualTypeOf<'pair' | 'single' | number | undefined>()
    expectTypeOf<NetkitData['peerInfo']>().toEqualTypeOf<PeerInfo | undefined>()
    expectTypeOf<NetkitData['headroom']>().toEqualTypeOf<number | undefined>()
  })

  it('refuse what a kind does not have', () => {
    const ok: LinkInfo = { kind: 'netkit', data: { mode: 'l2', pairing: 'single' } }
    // @ts-expect-error there is no such mode
    const bad: LinkInfo = { kind: 'netkit', data: { mode: 'l4' } }
    expect([ok.kind, bad.kind]).toEqual(['netkit', 'netkit'])
  })
})

describe('the kind of a link', () => {
  it('decides what is inside, wherever it stands', () => {
    const info = { kind: 'netkit', data: { mode: 'l2', policy: 'blackhole', headroom: 64 } } as const
    expect(again({ linkinfo: info })).toEqual({ linkinfo: info })
    // INFO_DATA before INFO_KIND.
    const bytes = fromHex('1c0012800c00028008000500000000000b0001006e65746b69740000')
    expect(decode(bytes)).toEqual({ linkinfo: { kind: 'netkit', data: { mode: 'l2' } } })
  })

  it('that nobody knows keeps its attributes raw, and so does none', () => {
    const data = { rest: [{ type: 5, payload: Uint8Array.of(1, 0, 0, 0) }] }
    expect(again({ linkinfo: { kind: 'bridge', data } })).toEqual({ linkinfo: { kind: 'bridge', data } })
    expect(again({ linkinfo: { data } })).toEqual({ linkinfo: { data } })
  })

  it('may be without data, or with none in it', () => {
    for (const kind of ['netkit', 'dummy', 'veth', 'vlan']) {
      expect(again({ linkinfo: { kind } })).toEqual({ linkinfo: { kind } })
      expect(again({ linkinfo: { kind, data: {} } })).toEqual({ linkinfo: { kind, data: {} } })
    }
  })

  it('has one table', () => {
    for (const kind of LINK_KIND_NAMES) expect(linkKind(kind)?.name).toBe(kind)
    expect(linkKind('vlan')).toBeUndefined()
    expect(LINKINFO.ids.kind).toBe(1)
  })
})

describe('a peer', () => {
  it('is a link message of its own, header first', () => {
    const peerInfo: PeerInfo = { header: { ifindex: 7, flags: 1 }, ifname: 'nk1', mtu: 1400, netNsFd: 5 }
    const { linkinfo } = again({ linkinfo: { kind: 'netkit', data: { peerInfo } } })
    const full = { family: 0, pad: 0, type: 0, ifindex: 7, flags: 1, change: 0 }
    expect(linkinfo).toEqual({ kind: 'netkit', data: { peerInfo: { ...peerInfo, header: full } } })
  })

  it('that is shorter than its header is refused where it stands', () => {
    const w = new Writer()
    const info = w.beginNest(LINK.ids.linkinfo)
    w.attrString(LINKINFO.ids.kind, 'netkit')
    const data = w.beginNest(LINKINFO.ids.data)
    w.attrBytes(NETKIT.ids.peerInfo, new Uint8Array(12))
    w.end(data).end(info)
    expect(() => decode(w.take())).toThrow('byte 24: peer info of 12 bytes, expected at least 16')
  })
})

describe('what a table does not know', () => {
  it('survives on every level', () => {
    const raw = (type: number) => [{ type, payload: Uint8Array.of(type & 0xff) }]
    const attrs: LinkAttrs = {
      operstate: 77,
      linkinfo: {
        kind: 'netkit',
        data: { mode: 9, peerInfo: { header: {}, rest: raw(200) }, rest: raw(99) },
        rest: raw(98),
      },
      propList: { altIfname: ['a', 'b'], rest: raw(97) },
      rest: raw(1000),
    }
    const bytes = encode(attrs)
    expect(toHex(encode(decode(bytes)))).toBe(toHex(bytes))
    expect(decode(bytes)).toMatchObject({ operstate: 77, rest: raw(1000), linkinfo: { rest: raw(98) } })
  })

  it('is a name that is no UTF-8: it comes back as the bytes it was', () => {
    const w = new Writer()
    w.attrBytes(LINK.ids.ifname, fromHex('6eff00'))
    const bytes = w.take()
    const { ifname } = decode(bytes)
    expect(ifname).toBe('n\udcff')
    expect(toHex(encode({ ifname }))).toBe(toHex(bytes))
  })
})
