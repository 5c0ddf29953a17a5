import {
  CHANNELS,
  type Extack,
  encodeAttrs,
  checkAttrs as kernelChecks,
  LINK,
  NETDEV_NAPI,
  NETKIT,
  RINGS,
  STRICT,
  Writer,
} from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkAttrs, checkKeys } from './check.ts'
import { InputError } from './input-error.ts'

const refusalOf = (act: () => void): string | undefined => {
  try {
    act()
    return undefined
  } catch (e) {
    expect(e).toBeInstanceOf(InputError)
    return (e as InputError).message
  }
}

describe('attributes are held against their table', () => {
  test.each([
    [NETKIT, { mode: 'l4' }, "x: data.mode must be one of l2, l3, not 'l4'"],
    [NETKIT, { mode: 7 }, 'x: data.mode must be one of l2, l3, not 7'],
    [NETKIT, { mode: 1 }, undefined],
    [NETKIT, { policy: 7 }, undefined],
    [NETKIT, { headroom: 65536 }, 'x: data.headroom must be an integer from 0 to 65535, not 65536'],
    [NETKIT, { headroom: 1.5 }, 'x: data.headroom must be an integer from 0 to 65535, not 1.5'],
    [NETKIT, { headroom: '5' }, "x: data.headroom must be an integer from 0 to 65535, not '5'"],
    [NETKIT, { primary: 1 }, 'x: data.primary is told by the kernel and cannot be given'],
    [NETKIT, { peerInfo: { mtu: -1 } }, 'x: data.peerInfo.mtu must be an integer from 0 to 4294967295, not -1'],
    [NETKIT, { peerInfo: 4 }, 'x: data.peerInfo must be an object, not 4'],
    [LINK, { txqlen: 32768 }, 'x: data.txqlen must be an integer from 0 to 32767, not 32768'],
    [LINK, { gsoMaxSize: 320 }, 'x: data.gsoMaxSize must be an integer from 321 to 4294967295, not 320'],
    [LINK, { ifname: 'a'.repeat(16) }, 'x: data.ifname must have at most 15 bytes, not 16'],
    [LINK, { address: '02:00' }, undefined],
    [LINK, { address: 'x' }, "x: data.address must be a hardware address like 02:00:00:00:00:01, not 'x'"],
    [LINK, { operstate: 'up', mtu: undefined }, undefined],
    [LINK, { propList: { altIfname: ['a', 5] } }, 'x: data.propList.altIfname[1] must be a string, not 5'],
    [LINK, { propList: { altIfname: 'a' } }, "x: data.propList.altIfname must be a list, not 'a'"],
    [RINGS, { tcpDataSplit: 'on' }, "x: data.tcpDataSplit must be one of unknown, disabled, enabled, not 'on'"],
    [NETDEV_NAPI, { deferHardIrqs: -1 }, 'x: data.deferHardIrqs must be an integer from 0 to 2147483647, not -1'],
    [CHANNELS, { combinedMax: 1 }, 'x: data.combinedMax is told by the kernel and cannot be given'],
  ])('%# %o', (table, attrs, expected) => {
    expect(refusalOf(() => checkAttrs('x', 'data', table, attrs, 'create'))).toBe(expected)
  })

  test('an unknown one is named, with those that there are', () => {
    expect(refusalOf(() => checkAttrs('x', '', NETKIT, { mod: 'l2' }, 'create'))).toMatch(
      /^x: mod is not known; known are peerInfo, /,
    )
  })

  test('some can be given at birth only', () => {
    expect(refusalOf(() => checkAttrs('x', '', NETKIT, { mode: 'l2' }, 'change'))).toBe(
      'x: mode can be given only when the device is made',
    )
    expect(refusalOf(() => checkAttrs('x', '', NETKIT, { policy: 'blackhole' }, 'change'))).toBeUndefined()
  })

  /** Whatever is let through can be encoded, and the kernel's own check of the bytes lets it through too. */
  test.each([
    ['netkit', NETKIT, ['policy', 'mode', 'scrub', 'headroom', 'tailroom', 'pairing', 'peerPolicy']],
    ['link', LINK, ['mtu', 'txqlen', 'group', 'ifname', 'numRxQueues', 'gsoMaxSize', 'newIfindex', 'operstate']],
    ['rings', RINGS, ['rx', 'tx', 'rxBufLen', 'tcpDataSplit', 'txPush', 'hdsThresh']],
    ['napi', NETDEV_NAPI, ['deferHardIrqs', 'groFlushTimeout', 'irqSuspendTimeout', 'threaded']],
  ] as const)('agrees with the kernel about %s', (_, table, keys) => {
    const value = fc.oneof(
      fc.integer({ min: -3, max: 40 }),
      fc.constantFrom(
        255,
        256,
        32767,
        32768,
        65535,
        65536,
        2 ** 31 - 1,
        2 ** 31,
        2 ** 32 - 1,
        2 ** 32,
        1.5,
        Number.NaN,
      ),
      fc.constantFrom(
        '',
        'l2',
        'l3',
        'up',
        'forward',
        'none',
        'enabled',
        'single',
        'a'.repeat(15),
        'a'.repeat(16),
        null,
        true,
      ),
      fc.bigInt({ min: -1n, max: 1n << 33n }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...keys), value, (key, v) => {
        const refused = refusalOf(() => checkAttrs('x', '', table, { [key]: v }, 'create'))
        if (refused !== undefined || typeof v === 'bigint') return
        const w = new Writer()
        encodeAttrs(table, { [key]: v }, w)
        const bytes = w.take()
        const extack: Extack = {}
        const checked = { bytes, view: new DataView(bytes.buffer), extack }
        expect([kernelChecks(checked, 0, bytes.length, table.policy, STRICT), extack.msg]).toEqual([0, undefined])
      }),
      { numRuns: 500 },
    )
  })
})

test('unknown options are refused', () => {
  const known = new Set(['mtu', 'name'])
  expect(() => checkKeys('device add', '', { mtu: 1 }, known)).not.toThrow()
  expect(() => checkKeys('device add', 'peer', { mtuu: 1 }, known)).toThrow(
    'device add: peer.mtuu is not known; known are mtu, name',
  )
})
