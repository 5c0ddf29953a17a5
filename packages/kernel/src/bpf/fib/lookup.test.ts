import { AF_INET, AF_INET6, errno, RTN_BLACKHOLE, RTN_PROHIBIT, RTN_UNREACHABLE } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import type { Device } from '../../net/device.ts'
import { FORWARDING } from '../../net/forwarding.ts'
import { NUD_PERMANENT, UPDATE_ADMIN } from '../../net/neighbour-states.ts'
import { mapped, Network, wordsOf } from '../../testing/network.ts'
import { fibLookup } from './lookup.ts'
import * as fib from './params.ts'

const { FIB, FIB_BYTES, FIB_RESULT } = fib
const GATEWAY = Uint8Array.of(2, 0, 0, 0, 0, 9)

/** A router between 10.0.1.0/24 and 10.0.2.0/24, and the same for IPv6, with a gateway to the rest. */
function router() {
  const net = new Network()
  const { ns: a } = net.namespace()
  const { ns } = net.namespace()
  const { ns: b } = net.namespace()
  const [, left] = net.pair(a, ns, { nameB: 'left', kind: 'netkit-l2' })
  const [right] = net.pair(ns, b, { nameA: 'right', kind: 'netkit-l2' })
  for (const [dev, text] of [
    [left, '10.0.1.254/24'],
    [right, '10.0.2.254/24'],
    [left, 'fd00:1::fe/64'],
    [right, 'fd00:2::fe/64'],
  ] as const)
    net.address(dev, text)
  net.way(ns, '192.168.0.0/16', { via: '10.0.2.9' })
  net.way(ns, 'fd01::/16', { via: 'fd00:2::9' })
  net.way(ns, '172.16.0.0/16', { type: RTN_BLACKHOLE })
  net.way(ns, '172.17.0.0/16', { type: RTN_UNREACHABLE })
  net.way(ns, '172.18.0.0/16', { type: RTN_PROHIBIT })
  for (const dev of [left, right]) dev.inet!.v4Settings = new Map([[FORWARDING, 1]])
  ns.settings.forwardAll6 = 1
  return { net, ns, left, right }
}

type Router = ReturnType<typeof router>

interface Question {
  readonly to: string
  readonly from?: string
  readonly length?: number
  readonly flags?: number
  readonly ifindex?: number
}

/** Asks as a program on `left` does; the result, and what is in its parameters then. */
function ask(
  { net, ns, left }: Router,
  { to, from = '0.0.0.0', length = 0, flags = 0, ifindex = left.ifindex }: Question,
) {
  const view = new DataView(new ArrayBuffer(FIB_BYTES))
  const u8 = new Uint8Array(view.buffer)
  const isV6 = to.includes(':')
  view.setUint8(FIB.FAMILY, isV6 ? AF_INET6 : AF_INET)
  view.setUint16(FIB.MTU, length, true)
  view.setUint32(FIB.IFINDEX, ifindex, true)
  for (const [i, word] of wordsOf(to).entries()) view.setInt32(FIB.DST + 4 * i, word)
  if (!isV6 || from.includes(':')) for (const [i, word] of wordsOf(from).entries()) view.setInt32(FIB.SRC + 4 * i, word)
  const result = fibLookup({ view, u8, ns, neighbours: net.kernel.path.neighbours }, 0, flags)
  const address = (at: number) => [...u8.subarray(at, at + (isV6 ? 16 : 4))].join('.')
  return {
    result,
    ifindex: view.getUint32(FIB.IFINDEX, true),
    mtu: view.getUint16(FIB.MTU, true),
    dst: address(FIB.DST),
    src: address(FIB.SRC),
    smac: u8.slice(FIB.SMAC, FIB.SMAC + 6),
    dmac: u8.slice(FIB.DMAC, FIB.DMAC + 6),
  }
}

function know(on: Router, dev: Device, address: string): void {
  const words = mapped(address)
  const { stack } = on.net.kernel.stack
  const resolver = address.includes(':') ? stack.neighbours6 : stack.neighbours4
  resolver.update(resolver.get(dev, words)!, GATEWAY, NUD_PERMANENT, UPDATE_ADMIN)
}

describe('fib_lookup', () => {
  test.each([
    ['192.168.3.4', '10.0.2.9', '10.0.2.9'],
    ['10.0.2.7', '10.0.2.7', '10.0.2.7'],
    ['fd01::5', 'fd00:2::9', '253.0.0.2.0.0.0.0.0.0.0.0.0.0.0.9'],
  ])('says how %s is reached', (to, neighbour, dst) => {
    const on = router()
    expect(ask(on, { to })).toMatchObject({ result: FIB_RESULT.NO_NEIGHBOUR, ifindex: on.right.ifindex, dst })
    expect(ask(on, { to, flags: fib.FIB_SKIP_NEIGH })).toMatchObject({ result: FIB_RESULT.SUCCESS, dst })
    know(on, on.right, neighbour)
    expect(ask(on, { to })).toMatchObject({ result: FIB_RESULT.SUCCESS, smac: on.right.address, dmac: GATEWAY })
  })

  test.each([
    ['172.16.0.1', FIB_RESULT.BLACKHOLE],
    ['172.17.0.1', FIB_RESULT.UNREACHABLE],
    ['172.18.0.1', FIB_RESULT.PROHIBIT],
    ['8.8.8.8', FIB_RESULT.NOT_FORWARDED],
    ['10.0.1.254', FIB_RESULT.NOT_FORWARDED],
    ['ff02::1', FIB_RESULT.NOT_FORWARDED],
    ['fe80::1', FIB_RESULT.NOT_FORWARDED],
    ['::1', FIB_RESULT.NOT_FORWARDED],
  ])('says why %s is not', (to, result) => {
    expect(ask(router(), { to }).result).toBe(result)
  })

  test('asks for forwarding, and for a device', () => {
    const on = router()
    expect(ask(on, { to: '10.0.2.7', ifindex: 99 }).result).toBe(-errno.ENODEV)
    on.left.inet!.v4Settings = undefined
    expect(ask(on, { to: '10.0.2.7' }).result).toBe(FIB_RESULT.FORWARDING_DISABLED)
  })

  test('holds lengths against the MTU', () => {
    const on = router()
    const flags = fib.FIB_SKIP_NEIGH
    expect(ask(on, { to: '10.0.2.7', length: 1501, flags })).toMatchObject({
      result: FIB_RESULT.FRAGMENTATION_NEEDED,
      mtu: 1500,
    })
    expect(ask(on, { to: '10.0.2.7', length: 1500, flags })).toMatchObject({ result: FIB_RESULT.SUCCESS, mtu: 1500 })
  })

  test('chooses the source on wish', () => {
    const flags = fib.FIB_SKIP_NEIGH | fib.FIB_SRC
    expect(ask(router(), { to: '192.168.3.4', flags }).src).toBe('10.0.2.254')
    expect(ask(router(), { to: 'fd01::5', flags }).src).toBe('253.0.0.2.0.0.0.0.0.0.0.0.0.0.0.254')
  })

  test('looks in one table on wish', () => {
    const flags = fib.FIB_SKIP_NEIGH | fib.FIB_DIRECT
    expect(ask(router(), { to: '192.168.3.4', flags }).result).toBe(FIB_RESULT.SUCCESS)
    expect(ask(router(), { to: '192.168.3.4', flags: flags | fib.FIB_TBID }).result).toBe(FIB_RESULT.NOT_FORWARDED)
  })
})
