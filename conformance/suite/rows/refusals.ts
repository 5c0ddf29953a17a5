import type { LinkAttrs } from '@netkit/netlink'
import type { Refused, Row } from '../row.ts'

/** Data of a netkit device that the tables know, and raw attributes. */
const bytes = (type: number, ...payload: number[]) => ({ rest: [{ type, payload: Uint8Array.from(payload) }] })

const RANGE = { code: 'ERANGE', extack: 'integer out of range' } as const
const FAILED = { code: 'ERANGE', extack: 'Attribute failed policy validation' } as const
const POLICY = { code: 'EINVAL', extack: 'Provided default xmit policy not supported' } as const
const PLAIN = { code: 'EOPNOTSUPP', extack: null } as const

/** What a netkit device to be may not have in its data. */
const BAD_DATA: readonly [what: string, data: object, refused: Refused, from: string][] = [
  ['mode 2', { mode: 2 }, { ...RANGE, attr: 'linkinfo.data.mode' }, '01 §3.2'],
  ['mode 4294967295', { mode: 0xffff_ffff }, { ...RANGE, attr: 'linkinfo.data.mode' }, '01 §3.2'],
  ['scrub 2', { scrub: 2 }, { ...RANGE, attr: 'linkinfo.data.scrub' }, '01 §3.2'],
  ['peer scrub 2', { peerScrub: 2 }, { ...RANGE, attr: 'linkinfo.data.peerScrub' }, '01 §3.2'],
  ['pairing 2', { pairing: 2 }, { ...RANGE, attr: 'linkinfo.data.pairing' }, '01 §3.2'],
  ['policy 1', { policy: 1 }, { ...POLICY, attr: 'linkinfo.data.policy' }, '01 §3.4 row 11'],
  ['policy 7, redirect', { policy: 7 }, { ...POLICY, attr: 'linkinfo.data.policy' }, '01 §3.4 row 11'],
  ['policy -1, next', { policy: 0xffff_ffff }, { ...POLICY, attr: 'linkinfo.data.policy' }, '01 §3.4 row 11'],
  ['peer policy 3', { peerPolicy: 3 }, { ...POLICY, attr: 'linkinfo.data.peerPolicy' }, '01 §3.4 row 12'],
  [
    'a primary marker',
    { primary: 1 },
    { code: 'EINVAL', extack: 'Primary attribute is read-only', attr: 'linkinfo.data.primary' },
    '01 §3.2',
  ],
  ['a mode of 3 bytes', bytes(5, 0, 0, 0), { ...FAILED, attr: 'linkinfo.data.mode' }, '01 §1.8 row 15'],
  ['an empty policy', bytes(3), { ...FAILED, attr: 'linkinfo.data.policy' }, '01 §1.8 row 15'],
  ['a headroom of 1 byte', bytes(8, 1), { ...FAILED, attr: 'linkinfo.data.headroom' }, '01 §1.8 row 15'],
  ['a tailroom of 1 byte', bytes(9, 1), { ...FAILED, attr: 'linkinfo.data.tailroom' }, '01 §1.8 row 15'],
  [
    'peer info of 15 bytes',
    bytes(1, ...new Array(15).fill(0)),
    { ...FAILED, attr: 'linkinfo.data.peerInfo' },
    '01 §3.2',
  ],
  [
    'a peer with a negative ifindex',
    { peerInfo: { header: { ifindex: -1 } } },
    { code: 'EINVAL', extack: "ifindex can't be negative", attr: 'linkinfo.data.peerInfo' },
    '01 §3.4 row 4',
  ],
  [
    'a peer with a multicast address',
    { mode: 'l2', peerInfo: { address: '01:00:00:00:00:00' } },
    { code: 'EADDRNOTAVAIL', extack: null },
    '01 §3.4 row 6',
  ],
  [
    'a peer with a zero address',
    { mode: 'l2', peerInfo: { address: '00:00:00:00:00:00' } },
    { code: 'EADDRNOTAVAIL', extack: null },
    '01 §3.4 row 6',
  ],
  [
    'a peer with an address of 5 bytes',
    { mode: 'l2', peerInfo: { address: '02:00:00:00:00' } },
    { code: 'EINVAL', extack: null },
    '01 §3.4 row 6',
  ],
  ['an l3 peer with an address', { peerInfo: { address: '02:00:00:00:00:01' } }, PLAIN, '01 §3.4 row 13'],
  [
    'a peer of the namespace of no process',
    { peerInfo: { netNsPid: 4_000_000 } },
    { code: 'ESRCH', extack: null },
    '01 §3.4 row 7',
  ],
  [
    'a peer of the namespace of a descriptor that is not open',
    { peerInfo: { netNsFd: 9999 } },
    { code: 'EBADF', extack: null },
    '01 §3.4 row 7',
  ],
  ['a peer with an MTU of 67', { peerInfo: { mtu: 67 } }, { code: 'EINVAL' }, '01 §3.4 row 15'],
  ['a peer with two transmit queues', { peerInfo: { numTxQueues: 2 } }, PLAIN, '01 §3.4 row 15'],
  ['a peer with 1025 receive queues', { peerInfo: { numRxQueues: 1025 } }, PLAIN, '01 §3.4 row 15'],
  ['a peer called lo', { peerInfo: { ifname: 'lo' } }, { code: 'EEXIST', extack: null }, '01 §3.4 row 16'],
  ['a peer called a/b', { peerInfo: { ifname: 'a/b' } }, { code: 'EINVAL', extack: null }, '01 §3.4 row 16'],
  ['a peer called as the device', { peerInfo: { ifname: 'nk9' } }, { code: 'EEXIST', extack: null }, '01 §3.4 row 17'],
  ['single with a peer', { pairing: 'single', peerInfo: {} }, PLAIN, '01 §3.4 row 14'],
  ['single with scrub none', { pairing: 'single', scrub: 'none' }, PLAIN, '01 §3.4 row 14'],
  ['single with scrub default', { pairing: 'single', scrub: 'default' }, PLAIN, '01 §3.4 row 14'],
  ['single with peer scrub', { pairing: 'single', peerScrub: 'default' }, PLAIN, '01 §3.4 row 14'],
  ['single with peer policy', { pairing: 'single', peerPolicy: 'forward' }, PLAIN, '01 §3.4 row 14'],
  ['single with policy blackhole', { pairing: 'single', policy: 'blackhole' }, PLAIN, '01 §3.4 row 14'],
]

/** What no netkit device may have beside its data. */
const BAD_LINKS: readonly [what: string, attrs: LinkAttrs, refused: Refused, from: string][] = [
  ['an MTU of 67', { mtu: 67 }, { code: 'EINVAL', extack: 'mtu less than device minimum' }, '01 §2.6 4'],
  ['an MTU of 65536', { mtu: 65536 }, { code: 'EINVAL', extack: 'mtu greater than device maximum' }, '01 §2.6 4'],
  ['an MTU of 2^31', { mtu: 0x8000_0000 }, { code: 'EINVAL', extack: 'mtu less than device minimum' }, '01 §2.6 4'],
  ['two transmit queues', { numTxQueues: 2 }, PLAIN, '01 §2.6 2'],
  [
    'no transmit queue',
    { numTxQueues: 0 },
    { code: 'EINVAL', extack: 'Invalid number of transmit queues' },
    '01 §2.6 1',
  ],
  [
    '4097 transmit queues',
    { numTxQueues: 4097 },
    { code: 'EINVAL', extack: 'Invalid number of transmit queues' },
    '01 §2.6 1',
  ],
  ['1025 receive queues', { numRxQueues: 1025 }, PLAIN, '01 §2.6 2'],
  ['no receive queue', { numRxQueues: 0 }, { code: 'EINVAL', extack: 'Invalid number of receive queues' }, '01 §2.6 1'],
  [
    '4097 receive queues',
    { numRxQueues: 4097 },
    { code: 'EINVAL', extack: 'Invalid number of receive queues' },
    '01 §2.6 1',
  ],
  ['a queue length of 32768', { txqlen: 32768 }, { ...RANGE, attr: 'txqlen' }, '01 §2.2'],
  ['a GSO size of 320', { gsoMaxSize: 320 }, { ...RANGE, attr: 'gsoMaxSize' }, '01 §2.2'],
  ['a GSO size of 524281', { gsoMaxSize: 524281 }, { code: 'EINVAL', extack: 'too big gso_max_size' }, '01 §2.6 3'],
  ['65536 GSO segments', { gsoMaxSegs: 65536 }, { code: 'EINVAL', extack: 'too big gso_max_segs' }, '01 §2.6 3'],
  ['a GRO size of 524281', { groMaxSize: 524281 }, { code: 'EINVAL', extack: 'too big gro_max_size' }, '01 §2.6 3'],
  [
    'a GSO size for IPv4 of 524281',
    { gsoIpv4MaxSize: 524281 },
    { code: 'EINVAL', extack: 'too big gso_ipv4_max_size' },
    '01 §2.6 3',
  ],
  [
    'a GRO size for IPv4 of 524281',
    { groIpv4MaxSize: 524281 },
    { code: 'EINVAL', extack: 'too big gro_ipv4_max_size' },
    '01 §2.6 3',
  ],
  ['a multicast address', { address: '01:00:00:00:00:00' }, { code: 'EADDRNOTAVAIL', extack: null }, '01 §3.4 row 3'],
  ['a zero address', { address: '00:00:00:00:00:00' }, { code: 'EADDRNOTAVAIL', extack: null }, '01 §3.4 row 3'],
  ['an address of 5 bytes', { address: '02:00:00:00:00' }, { code: 'EINVAL', extack: null }, '01 §3.4 row 2'],
  ['an address, being l3', { address: '02:00:00:00:00:01' }, PLAIN, '01 §3.4 row 13'],
  [
    'a headroom of links',
    { headroom: 5 },
    { code: 'EINVAL', extack: 'Attribute failed policy validation', attr: 'headroom' },
    '01 §6',
  ],
  [
    'a tailroom of links',
    { tailroom: 5 },
    { code: 'EINVAL', extack: 'Attribute failed policy validation', attr: 'tailroom' },
    '01 §6',
  ],
  [
    'a mark that its namespace is for ever',
    { netnsImmutable: 1 },
    { code: 'EINVAL', extack: 'Attribute failed policy validation', attr: 'netnsImmutable' },
    '01 §6',
  ],
  [
    'a permanent address',
    { permAddress: '02:00:00:00:00:01' },
    { code: 'EINVAL', extack: 'Attribute failed policy validation', attr: 'permAddress' },
    '01 §6',
  ],
  [
    'a DPLL pin',
    { dpllPin: new Uint8Array(4) },
    { code: 'EINVAL', extack: 'Unsupported attribute', attr: 'dpllPin' },
    '01 §6',
  ],
  [
    'a pacing horizon',
    { maxPacingOffloadHorizon: 1 },
    { code: 'EINVAL', extack: 'Unsupported attribute', attr: 'maxPacingOffloadHorizon' },
    '01 §6',
  ],
  [
    'an unknown id of a namespace for its link',
    { linkNetnsid: 7 },
    { code: 'EINVAL', extack: 'Unknown network namespace id' },
    '01 §2.5 7',
  ],
  ['an unknown id of a namespace to be in', { targetNetnsid: 7 }, { code: 'EINVAL', extack: null }, '01 §2.4'],
  [
    'two namespaces to be in',
    { netNsPid: 1, targetNetnsid: 7 },
    { code: 'EINVAL', extack: 'multiple netns identifying attributes specified' },
    '01 §2.4',
  ],
  ['an unknown master', { master: 4711 }, { code: 'EINVAL' }, '01 §2.7 5.10'],
]

const BAD_NAMES = ['', '.', '..', 'a/b', 'a:b', 'a b', 'a\tb', '%', '%s', '%d%d', 'a%db%d', '%5d'].filter(
  (n) => n !== '',
)

/** What is refused at creation, and that nothing is left of it. */
export const REFUSALS: readonly Row[] = [
  ...BAD_DATA.map(
    ([what, data, refused, from]): Row => ({
      name: `no netkit device with ${what}`,
      from,
      when: { do: 'raw', attrs: { ifname: 'nk9', linkinfo: { kind: 'netkit', data } } },
      refused,
      shows: { nk9: null, nk0: null, nk1: null },
    }),
  ),
  ...BAD_LINKS.map(
    ([what, attrs, refused, from]): Row => ({
      name: `no netkit device that has ${what}`,
      from,
      when: { do: 'raw', attrs: { ifname: 'nk9', ...attrs, linkinfo: { kind: 'netkit' } } },
      refused,
      shows: { nk9: null, nk0: null },
    }),
  ),
  ...BAD_NAMES.map(
    (ifname): Row => ({
      name: `no device called ${JSON.stringify(ifname)}`,
      from: '01 §2.12',
      when: { do: 'raw', attrs: { ifname, linkinfo: { kind: 'dummy' } } },
      refused: { code: 'EINVAL', extack: null },
    }),
  ),
  {
    name: 'no device with a name of 16 bytes',
    from: '01 §6',
    when: { do: 'raw', attrs: { ifname: '1234567890123456', linkinfo: { kind: 'dummy' } } },
    refused: { ...FAILED, attr: 'ifname' },
  },
  {
    name: 'no device of an unknown kind',
    from: '01 §2.5 10',
    when: { do: 'raw', attrs: { ifname: 'x', linkinfo: { kind: 'nothing' } } },
    refused: { code: 'EOPNOTSUPP', extack: 'Unknown device type' },
  },
  {
    name: 'no device without a kind',
    from: '01 §2.5 10',
    when: { do: 'raw', attrs: { ifname: 'x' } },
    refused: { code: 'EOPNOTSUPP', extack: 'Unknown device type' },
  },
  {
    name: 'no netdevsim through rtnetlink',
    from: '01 §6',
    when: { do: 'raw', attrs: { ifname: 'x', linkinfo: { kind: 'netdevsim' } } },
    refused: {
      code: 'EOPNOTSUPP',
      extack: 'netdevsim: Please use: echo "[ID] [PORT_COUNT] [NUM_QUEUES]" > /sys/bus/netdevsim/new_device',
    },
  },
  {
    name: 'no second device of a name',
    from: '01 §2.7 1',
    given: [{ do: 'add', kind: 'dummy', name: 'd0' }],
    when: { do: 'raw', attrs: { ifname: 'd0', linkinfo: { kind: 'dummy' } } },
    refused: { code: 'EEXIST', extack: null },
  },
  {
    name: 'no device called as another one is, too',
    from: '01 §2.12',
    given: [{ do: 'add', kind: 'dummy', name: 'd0', altnames: ['other'] }],
    when: { do: 'raw', attrs: { ifname: 'other', linkinfo: { kind: 'dummy' } } },
    refused: { code: 'EEXIST', extack: null },
  },
  {
    name: 'no second device of an ifindex',
    from: '01 §2.12',
    given: [{ do: 'add', kind: 'dummy', name: 'd0', ifindex: 10 }],
    when: { do: 'raw', attrs: { ifname: 'd1', linkinfo: { kind: 'dummy' } }, header: { ifindex: 10 } },
    refused: { code: 'EEXIST', extack: null },
  },
  {
    name: 'no device with a negative ifindex',
    from: '01 §2.3',
    when: { do: 'raw', attrs: { ifname: 'd1', linkinfo: { kind: 'dummy' } }, header: { ifindex: -2 } },
    refused: { code: 'EINVAL', extack: "ifindex can't be negative" },
  },
  {
    name: 'no pair whose primary finds its name taken, and no peer of it',
    from: '01 §3.4 row 17',
    given: [{ do: 'add', kind: 'dummy', name: 'taken', altnames: ['nk9'] }],
    when: {
      do: 'link',
      message: 'newlink',
      flags: 'create',
      attrs: { ifname: 'lo', linkinfo: { kind: 'netkit', data: { peerInfo: { ifname: 'p' } } } },
      header: { ifindex: 9 },
    },
    refused: { code: 'EEXIST', extack: null },
    shows: { p: null },
  },
]
