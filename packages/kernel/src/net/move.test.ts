import {
  errno,
  type LinkAttrs,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RT_LINK,
  RTM_DELLINK,
  RTM_NEWLINK,
  RTNLGRP_LINK,
} from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { ask, Bench, drain, linkOf, linkRequest, links, messagesOf, must } from '../testing/bench.ts'

const CREATE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL
const add = (attrs: LinkAttrs, ifindex = 0, flags = 0) =>
  linkRequest(RT_LINK.newlink, { linkinfo: { kind: 'dummy' }, ...attrs }, { ifindex, flags, change: flags }, CREATE)
const altName = (ifname: string, name: string) =>
  linkRequest(RT_LINK.newlinkprop, { ifname, propList: { altIfname: [name] } })

function twoPlaces() {
  const bench = new Bench()
  const { ns, fd } = bench.namespace()
  return { bench, here: bench.route(), there: bench.route(ns), ns, fd }
}
type Places = ReturnType<typeof twoPlaces>
const move = ({ fd }: Places, ifname: string, attrs: LinkAttrs = {}) =>
  linkRequest(
    RT_LINK.setlink,
    { netNsFd: fd, ...attrs, ...(attrs.ifname === undefined && { ifname }) },
    attrs.ifname === undefined ? {} : { ifindex: 2 },
  )
const shown = (p: Places) => ({ here: list(p.here), there: list(p.there) })
const list = (socket: Places['here']) =>
  links(socket)
    .slice(1)
    .map((l) => `${l.ifname} ${l.header.ifindex}`)

describe('a device that moves', () => {
  it('keeps name and number where both are free, and arrives down, without its qdisc', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }, 20, 1))
    must(p.here, move(p, 'd'))
    expect(shown(p)).toEqual({ here: [], there: ['d 20'] })
    expect(links(p.there)[1]).toMatchObject({ qdisc: 'noop', header: { flags: 0x82 } })
  })

  it('takes an empty name for none', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }))
    must(p.there, add({ ifname: 'd' }))
    expect(ask(p.here, move(p, 'd', { ifname: '' })).ack).toMatchObject({
      errno: errno.EEXIST,
      extack: { msg: 'An interface with the same name exists in the target netns' },
    })
  })

  it('is left alone by IP under a name that it keeps for itself, until the MTU changes', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }))
    must(p.there, add({ ifname: 'd' }))
    must(p.here, move(p, 'd', { ifname: 'all' }))
    const spec = () => links(p.there).at(-1)?.afSpec
    expect(spec()).toEqual({})
    const change = (attrs: LinkAttrs) => must(p.there, linkRequest(RT_LINK.setlink, attrs, { ifindex: 3 }))
    change({ mtu: 1400 })
    expect(spec()).toEqual({})
    change({ ifname: 'good' })
    expect(spec()).toEqual({})
    change({ mtu: 1500 })
    expect(Object.keys(spec() ?? {})).toEqual(['inet', 'inet6'])
  })

  it('gets the next number where its own is taken', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }))
    must(p.there, add({ ifname: 'x' }))
    must(p.here, move(p, 'd'))
    expect(shown(p).there).toEqual(['x 2', 'd 3'])
  })

  it('gets the number that is wanted, if it is free', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }))
    must(p.there, add({ ifname: 'x' }, 50))
    expect(ask(p.here, move(p, 'd', { newIfindex: 50 })).ack).toMatchObject({
      errno: errno.EBUSY,
      extack: { msg: 'The ifindex 50 is not available in the target netns' },
    })
    must(p.here, move(p, 'd', { newIfindex: 51 }))
    expect(shown(p)).toEqual({ here: [], there: ['x 50', 'd 51'] })
  })

  it('needs another name where its own is taken, and takes the one that is given', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }))
    must(p.there, add({ ifname: 'd' }))
    // Named by its number: a name beside it would be the wanted one.
    const plain = linkRequest(RT_LINK.setlink, { netNsFd: p.fd }, { ifindex: 2 })
    expect(ask(p.here, plain).ack).toMatchObject({
      errno: errno.EEXIST,
      extack: { msg: 'An interface with the same name exists in the target netns' },
    })
    expect(ask(p.here, move(p, 'd', { ifname: 'a/b' })).ack).toMatchObject({
      errno: errno.EINVAL,
      extack: { msg: "Unable to use 'a/b' for the new interface name in the target netns" },
    })
    must(p.here, move(p, 'd', { ifname: 'e' }))
    expect(shown(p)).toEqual({ here: [], there: ['d 2', 'e 3'] })
  })

  it('may come to be called what it is called besides, and is found by that as long as it is', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }))
    must(p.here, altName('d', 'e'))
    must(p.there, add({ ifname: 'd' }))
    must(p.here, move(p, 'd', { ifname: 'e' }))
    const found = (name: string) =>
      ask(p.there, linkRequest(RT_LINK.getlink, { altIfname: name })).replies.map((m) => linkOf(m).ifname)
    expect([found('d'), found('e')]).toEqual([['d'], ['e']])
    must(p.there, linkRequest(RT_LINK.setlink, { ifname: 'f' }, { ifindex: 3 }))
    expect([found('e'), found('f')]).toEqual([['f'], ['f']])
    must(p.there, linkRequest(RT_LINK.dellink, {}, { ifindex: 3 }))
    expect([found('e'), found('f')]).toEqual([[], []])
  })

  it('cannot take the name of another by a template that finds none free', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }))
    for (const ifname of ['d', 'x00']) must(p.there, add({ ifname }))
    expect(ask(p.here, move(p, 'd', { ifname: 'x%d0' })).ack?.errno).toBe(errno.EEXIST)
    expect(shown(p)).toEqual({ here: ['d 2'], there: ['d 2', 'x00 3'] })
  })

  it('takes its alternative names along, if they are free', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }))
    must(p.here, altName('d', 'alias'))
    must(p.there, add({ ifname: 'alias' }))
    expect(ask(p.here, move(p, 'd')).ack).toMatchObject({
      errno: errno.EEXIST,
      extack: { msg: 'An interface with the altname alias exists in the target netns' },
    })
    must(p.there, linkRequest(RT_LINK.dellink, { ifname: 'alias' }))
    must(p.here, move(p, 'd'))
    expect(
      must(p.there, linkRequest(RT_LINK.getlink, { altIfname: 'alias' })).replies.map((m) => linkOf(m).ifname),
    ).toEqual(['d'])
    expect(ask(p.here, linkRequest(RT_LINK.getlink, { altIfname: 'alias' })).ack?.errno).toBe(errno.ENODEV)
  })

  it('stays where it is if that is where it should go', () => {
    const p = twoPlaces()
    const self = p.bench.root.openNamespace(p.bench.ns)
    must(p.here, add({ ifname: 'd' }, 0, 1))
    must(p.here, linkRequest(RT_LINK.setlink, { ifname: 'd', netNsFd: self }))
    expect(links(p.here)[1].header.flags).toBe(0x100c3)
    must(p.here, linkRequest(RT_LINK.setlink, { ifname: 'lo', netNsFd: self }))
    expect(ask(p.here, linkRequest(RT_LINK.setlink, { ifname: 'lo', netNsFd: p.fd })).ack).toMatchObject({
      errno: errno.EINVAL,
      extack: { msg: 'The interface netns is immutable' },
    })
  })

  it('tells those it leaves, then those it comes to', () => {
    const p = twoPlaces()
    must(p.here, add({ ifname: 'd' }, 0, 1))
    const listeners = [p.bench.route(), p.bench.route(p.ns)]
    for (const socket of listeners) socket.join(RTNLGRP_LINK)
    must(p.here, move(p, 'd', { newIfindex: 9 }))
    const [here, there] = listeners.map((s) => messagesOf(drain(s)))
    expect(here.map((m) => [m.header.type, linkOf(m).header.change])).toEqual([
      [RTM_NEWLINK, 0x41],
      [RTM_DELLINK, 0xffff_ffff],
    ])
    expect(linkOf(here[1])).toMatchObject({ newNetnsid: 0, newIfindex: 9, afSpec: {} })
    expect(there.map((m) => [m.header.type, linkOf(m).header.change, linkOf(m).newIfindex])).toEqual([
      [RTM_NEWLINK, 0xffff_ffff, undefined],
    ])
  })
})

it('a pair stays a pair wherever its ends go', () => {
  const p = twoPlaces()
  const third = p.bench.namespace()
  must(p.here, add({ ifname: 'M', linkinfo: { kind: 'netkit' } }))
  must(p.here, move(p, 'nk0'))
  expect(links(p.here)[1]).toMatchObject({ link: 2, linkNetnsid: 0 })
  expect(links(p.there)[1]).toMatchObject({ link: 3, linkNetnsid: 0 })
  must(p.there, linkRequest(RT_LINK.setlink, { ifname: 'nk0', netNsFd: third.fd, newIfindex: 77 }))
  expect(links(p.here)[1]).toMatchObject({ link: 77, linkNetnsid: 1 })
  must(p.here, linkRequest(RT_LINK.setlink, { ifname: 'M', netNsFd: third.fd }))
  const ends = links(p.bench.route(third.ns)).slice(1)
  expect(ends.map((l) => [l.ifname, l.link, l.linkNetnsid])).toEqual([
    ['M', 77, undefined],
    ['nk0', 3, undefined],
  ])
})
