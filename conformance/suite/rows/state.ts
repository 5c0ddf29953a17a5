import type { DeviceSettings } from 'netkit'
import type { Refused, Row, Step } from '../row.ts'

const l2: Step = { do: 'add', kind: 'netkit', name: 'nk0', data: { mode: 'l2' }, peer: { name: 'nk1' } }
const l3: Step = { do: 'add', kind: 'netkit', name: 'nk0', peer: { name: 'nk1' } }
const up = (device: string, on = true): Step => ({ do: 'set', device, to: { up: on } })

/** Settings that show as they were set. */
const SETTINGS: readonly DeviceSettings[] = [
  { mtu: 68 },
  { mtu: 65535 },
  { txqlen: 0 },
  { txqlen: 32767 },
  { group: 4294967295 },
  { group: 7 },
  { address: '02:00:00:00:00:09' },
  { broadcast: '02:00:00:00:00:ff' },
  { linkmode: 'dormant' },
  { linkmode: 'testing' },
  { gsoMaxSize: 321, gsoIpv4MaxSize: 321 },
  { gsoMaxSize: 524280 },
  { gsoMaxSegs: 0 },
  { groMaxSize: 524280 },
  { groIpv4MaxSize: 524280 },
]

const REFUSED: readonly [what: string, settings: object, refused: Refused, from: string][] = [
  ['an MTU of 67', { mtu: 67 }, { code: 'EINVAL', extack: 'mtu less than device minimum' }, '01 §2.7 5.5'],
  ['an MTU of 65536', { mtu: 65536 }, { code: 'EINVAL', extack: 'mtu greater than device maximum' }, '01 §2.7 5.5'],
  ['a multicast address', { address: '01:00:00:00:00:00' }, { code: 'EADDRNOTAVAIL', extack: null }, '01 §2.12'],
  ['a zero address', { address: '00:00:00:00:00:00' }, { code: 'EADDRNOTAVAIL', extack: null }, '01 §2.12'],
  ['a carrier', { carrier: 1 }, { code: 'EOPNOTSUPP', extack: null }, '01 §2.7 5.11'],
  [
    'a protocol down',
    { protoDown: 1 },
    { code: 'EOPNOTSUPP', extack: 'Protodown not supported by device' },
    '01 §2.7 5.17',
  ],
  ['an unknown master', { master: 4711 }, { code: 'EINVAL' }, '01 §2.7 5.10'],
  ['a master that enslaves nobody', { master: 1 }, { code: 'EOPNOTSUPP' }, '01 §2.7 5.10'],
  ['a GSO size of 524281', { gsoMaxSize: 524281 }, { code: 'EINVAL', extack: 'too big gso_max_size' }, '01 §2.6 3'],
]

/** Up and down, and what can be set on any device. */
export const STATE: readonly Row[] = [
  {
    name: 'one end up: no carrier',
    from: '01 §2.11 trace 2',
    given: [l3],
    when: up('nk0'),
    shows: {
      nk0: { flags: 0x1083, operstate: 'lowerlayerdown', carrier: 0, qdisc: 'noqueue' },
      nk1: { flags: 0x1082, operstate: 'down' },
    },
  },
  {
    name: 'both ends up: carrier on both',
    from: '01 §2.11 trace 3',
    given: [l3, up('nk0')],
    when: up('nk1'),
    shows: {
      nk0: { flags: 0x110c3, operstate: 'up', carrier: 1, carrierUpCount: 1, carrierDownCount: 1 },
      nk1: { flags: 0x110c3, operstate: 'up', carrier: 1 },
    },
  },
  {
    name: 'both ends of an l2 pair up',
    from: '01 §2.11',
    given: [l2, up('nk0')],
    when: up('nk1'),
    shows: { nk0: { flags: 0x11043 }, nk1: { flags: 0x11043 } },
  },
  {
    name: 'one end down again: the other loses carrier',
    from: '01 §2.11 trace 4',
    given: [l3, up('nk0'), up('nk1')],
    when: up('nk0', false),
    shows: {
      nk0: { flags: 0x1082, operstate: 'down', carrier: 0 },
      nk1: { flags: 0x1083, operstate: 'lowerlayerdown', carrier: 0, carrierDownCount: 2 },
    },
  },
  {
    name: 'a pair across namespaces has carrier when both ends are up',
    from: '01 §2.11',
    given: [{ do: 'add', kind: 'netkit', name: 'nk0', peer: { name: 'nk0', namespace: 'B' } }, up('nk0')],
    when: { do: 'set', device: 'nk0', in: 'B', to: { up: true } },
    shows: { nk0: { operstate: 'up' }, 'nk0@B': { operstate: 'up' } },
  },
  {
    name: 'loopback is up at once',
    from: '01 §2.11',
    when: up('lo'),
    shows: { lo: { flags: 0x10049, operstate: 'unknown', qdisc: 'noqueue' } },
  },
  {
    name: 'a NIC has carrier until it was down',
    from: '01 §2.11',
    given: [{ do: 'nic', queues: 2 }, up('eth0')],
    when: up('eth0', false),
    shows: { eth0: { flags: 0x2, carrier: 0, operstate: 'down' } },
  },
  {
    name: 'a NIC that is up for the first time',
    from: '01 §2.11',
    given: [{ do: 'nic', queues: 2 }],
    when: up('eth0'),
    shows: {
      eth0: {
        flags: 0x10043,
        carrier: 1,
        operstate: 'unknown',
        numRxQueues: 2,
        numTxQueues: 2,
        parentDevBusName: 'netdevsim',
      },
    },
    queues: { eth0: [2, 2] },
  },
  ...SETTINGS.map(
    (to): Row => ({
      name: `set ${JSON.stringify(to)}`,
      from: '01 §2.7',
      given: [l2],
      when: { do: 'set', device: 'nk0', to },
      shows: { nk0: to as Record<string, unknown> },
    }),
  ),
  ...REFUSED.map(
    ([what, attrs, refused, from]): Row => ({
      name: `no device is given ${what} later`,
      from,
      given: [l2],
      when: { do: 'link', message: 'setlink', attrs: { ifname: 'nk0', ...attrs } },
      refused,
    }),
  ),
  ...(['arp', 'multicast', 'promisc', 'allmulticast', 'dynamic'] as const).map(
    (flag): Row => ({
      name: `the flag ${flag} can be set and taken back`,
      from: '01 §2.7 5.9a',
      given: [l3, { do: 'set', device: 'nk0', to: { [flag]: true } }],
      when: { do: 'set', device: 'nk0', to: { [flag]: false } },
      shows: { nk0: { flags: flag === 'multicast' ? 0x82 : flag === 'arp' ? 0x1082 : 0x1082 } },
    }),
  ),
  {
    name: 'promiscuity is counted',
    from: '01 §2.10.1',
    given: [l3],
    when: { do: 'set', device: 'nk0', to: { promisc: true, allmulticast: true } },
    shows: { nk0: { promiscuity: 1, allmulti: 1, flags: 0x1382 } },
  },
  {
    name: 'an l3 device keeps its address',
    from: '01 §2.12',
    given: [l3],
    when: { do: 'set', device: 'nk0', to: { address: '02:00:00:00:00:01' } },
    refused: { code: 'EOPNOTSUPP', extack: null },
  },
  {
    name: 'an alias is set',
    from: '01 §2.7 5.8',
    given: [l3],
    when: { do: 'set', device: 'nk0', to: { alias: 'of the pod' } },
    shows: { nk0: { ifalias: 'of the pod' } },
  },
  {
    name: 'an empty alias takes it away',
    from: '01 §2.7 5.8',
    given: [l3, { do: 'set', device: 'nk0', to: { alias: 'of the pod' } }],
    when: { do: 'set', device: 'nk0', to: { alias: '' } },
    shows: { nk0: { ifalias: undefined } },
  },
  {
    name: 'a GSO size up to 65536 is that of IPv4, too',
    from: '01 §2.6',
    given: [l3],
    when: { do: 'set', device: 'nk0', to: { gsoMaxSize: 1000 } },
    shows: { nk0: { gsoMaxSize: 1000, gsoIpv4MaxSize: 1000 } },
  },
  {
    name: 'a larger one is not',
    from: '01 §2.6',
    given: [l3],
    when: { do: 'set', device: 'nk0', to: { gsoMaxSize: 100_000 } },
    shows: { nk0: { gsoMaxSize: 100_000, gsoIpv4MaxSize: 65536 } },
  },
]
