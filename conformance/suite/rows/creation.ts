import type { Row } from '../row.ts'

const pair = { do: 'add', kind: 'netkit', name: 'nk0', peer: { name: 'nk1' } } as const
const l2 = { ...pair, data: { mode: 'l2' } } as const

/** What a pair is like right after it was made without further ado. */
const FRESH = {
  type: 1,
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65535,
  txqlen: 1000,
  group: 0,
  numTxQueues: 1,
  numRxQueues: 1,
  operstate: 'down',
  linkmode: 'default',
  carrier: 0,
  carrierChanges: 1,
  carrierUpCount: 0,
  carrierDownCount: 1,
  broadcast: 'ff:ff:ff:ff:ff:ff',
  gsoMaxSize: 65536,
  gsoMaxSegs: 65535,
  groMaxSize: 65536,
  tsoMaxSize: 524280,
  tsoMaxSegs: 65535,
  qdisc: 'noop',
  kind: 'netkit',
  parentDevName: undefined,
}

const combinations = (['l2', 'l3'] as const).flatMap((mode) =>
  (['forward', 'blackhole'] as const).flatMap((policy) =>
    (['forward', 'blackhole'] as const).map((peerPolicy) => ({ mode, policy, peerPolicy })),
  ),
)

/** Making pairs. */
export const CREATION: readonly Row[] = [
  {
    name: 'a pair has l3, forward and default scrub when nothing is said',
    from: '01 §3.1, §3.9',
    when: pair,
    shows: {
      nk0: {
        ...FRESH,
        flags: 0x1082,
        address: '00:00:00:00:00:00',
        data: {
          primary: 1,
          policy: 'forward',
          peerPolicy: 'forward',
          mode: 'l3',
          scrub: 'default',
          peerScrub: 'default',
          headroom: 0,
          tailroom: 0,
          pairing: 'pair',
        },
      },
      nk1: { ...FRESH, flags: 0x1082, data: { primary: 0, mode: 'l3', pairing: 'pair' } },
    },
  },
  {
    name: 'an l2 pair resolves neighbours',
    from: '01 §2.11, §3.3',
    when: l2,
    shows: { nk0: { flags: 0x1002, data: { mode: 'l2' } }, nk1: { flags: 0x1002, data: { mode: 'l2' } } },
  },
  ...combinations.map(
    (data): Row => ({
      name: `a pair with ${data.mode}, ${data.policy} and ${data.peerPolicy} for its peer`,
      from: '01 §3.5',
      when: { ...pair, data },
      shows: {
        nk0: { data },
        nk1: { data: { mode: data.mode, policy: data.peerPolicy, peerPolicy: data.policy, primary: 0 } },
      },
    }),
  ),
  ...(['none', 'default'] as const).flatMap((scrub) =>
    (['none', 'default'] as const).map(
      (peerScrub): Row => ({
        name: `a pair that scrubs ${scrub} and ${peerScrub} from its peer`,
        from: '01 §3.5',
        when: { ...pair, data: { scrub, peerScrub } },
        shows: { nk0: { data: { scrub, peerScrub } }, nk1: { data: { scrub: peerScrub, peerScrub: scrub } } },
      }),
    ),
  ),
  ...[
    { headroom: 0, tailroom: 0 },
    { headroom: 256, tailroom: 0 },
    { headroom: 0, tailroom: 64 },
    { headroom: 65535, tailroom: 65535 },
  ].map(
    (room): Row => ({
      name: `headroom ${room.headroom} and tailroom ${room.tailroom} are those of both ends`,
      from: '01 §3.5, §3.9',
      when: { ...pair, data: room },
      shows: { nk0: { ...room, data: room }, nk1: { ...room, data: room } },
    }),
  ),
  {
    name: 'the peer is registered first',
    from: '01 §3.5',
    when: pair,
    shows: { nk1: { ifindex: 2, peer: { ifindex: 3 } }, nk0: { ifindex: 3, peer: { ifindex: 2 } } },
  },
  {
    name: 'without names the peer is nk0 and the primary nk1',
    from: '01 §3.5',
    when: { do: 'add', kind: 'netkit' },
    answers: { name: 'nk1', ifindex: 3 },
    shows: { nk0: { data: { primary: 0 } }, nk1: { data: { primary: 1 } } },
  },
  {
    name: 'a second pair without names goes on counting',
    from: '01 §2.12',
    given: [{ do: 'add', kind: 'netkit' }],
    when: { do: 'add', kind: 'netkit' },
    answers: { name: 'nk3' },
    shows: { nk2: { data: { primary: 0 } } },
  },
  {
    name: 'a name that went is the next one given',
    from: '01 §2.12',
    given: [
      { do: 'add', kind: 'netkit' },
      { do: 'add', kind: 'netkit' },
      { do: 'remove', device: 'nk0' },
    ],
    when: { do: 'add', kind: 'netkit' },
    answers: { name: 'nk1', ifindex: 7 },
  },
  {
    name: 'without peer info the peer takes the attributes of the primary',
    from: '01 §3.5',
    when: {
      do: 'raw',
      attrs: { ifname: 'x', mtu: 1400, txqlen: 7, group: 9, numRxQueues: 3, linkinfo: { kind: 'netkit' } },
    },
    shows: {
      x: { mtu: 1400, txqlen: 7, group: 9, numRxQueues: 3 },
      nk0: { mtu: 1400, txqlen: 7, group: 9, numRxQueues: 3 },
    },
  },
  {
    name: 'with peer info the peer has what is said there only',
    from: '01 §3.5',
    when: { ...pair, mtu: 1400, numRxQueues: 3, txqlen: 7 },
    shows: { nk0: { mtu: 1400, numRxQueues: 3, txqlen: 7 }, nk1: { mtu: 1500, numRxQueues: 1, txqlen: 1000 } },
  },
  {
    name: 'attributes of the peer are those of its peer info',
    from: '01 §3.5',
    when: { ...pair, peer: { name: 'nk1', mtu: 9000, numRxQueues: 4, txqlen: 5, group: 3 } },
    shows: { nk0: { mtu: 1500, numRxQueues: 1 }, nk1: { mtu: 9000, numRxQueues: 4, txqlen: 5, group: 3 } },
  },
  {
    name: 'an l2 pair takes the addresses that it is given',
    from: '01 §3.5',
    when: { ...l2, address: '02:00:00:00:00:01', peer: { name: 'nk1', address: '02:00:00:00:00:02' } },
    shows: { nk0: { address: '02:00:00:00:00:01' }, nk1: { address: '02:00:00:00:00:02' } },
  },
  {
    name: 'the peer is born in its namespace',
    from: '01 §3.5',
    when: { ...pair, peer: { name: 'eth0', namespace: 'B' } },
    shows: {
      nk0: { peer: { ifindex: 2, netnsid: 0 } },
      'eth0@B': { peer: { ifindex: 2, netnsid: 0 }, ifindex: 2 },
      eth0: null,
    },
    nsids: { A: [0], B: [0] },
  },
  {
    name: 'both ends may have one name in two namespaces',
    from: '01 §2.12',
    when: { ...pair, name: 'eth0', peer: { name: 'eth0', namespace: 'B' } },
    shows: { eth0: { data: { primary: 1 } }, 'eth0@B': { data: { primary: 0 } } },
  },
  {
    name: 'a wanted ifindex is had',
    from: '01 §2.12',
    when: { ...pair, ifindex: 77 },
    shows: { nk0: { ifindex: 77, peer: { ifindex: 2 } } },
  },
  {
    name: 'a wanted ifindex of the peer is had if the primary has one, too',
    from: '01 §3.5',
    when: { ...pair, ifindex: 77, peer: { name: 'nk1', ifindex: 55 } },
    shows: { nk1: { ifindex: 55 }, nk0: { ifindex: 77 } },
  },
  {
    name: 'a wanted ifindex does not move the counter',
    from: '01 §2.12',
    given: [{ do: 'add', kind: 'dummy', name: 'd0', ifindex: 50 }],
    when: { do: 'add', kind: 'dummy', name: 'd1' },
    answers: { ifindex: 2 },
  },
  {
    name: 'a pair is up at birth if it is asked for, without carrier',
    from: '01 §2.6 7, §2.11',
    when: { do: 'raw', attrs: { ifname: 'nk9', linkinfo: { kind: 'netkit' } }, header: { flags: 1, change: 1 } },
    shows: { nk9: { flags: 0x1083, up: true, operstate: 'lowerlayerdown', qdisc: 'noqueue' }, nk0: { up: false } },
  },
  {
    name: 'flags without a mask are all flags',
    from: '01 §2.6 7',
    when: { do: 'raw', attrs: { ifname: 'nk9', linkinfo: { kind: 'netkit' } }, header: { flags: 1 } },
    shows: { nk9: { flags: 0x3 } },
  },
  {
    name: 'queues are room, not queues in use',
    from: '01 §3.3',
    given: [
      { ...pair, numRxQueues: 8, peer: { name: 'nk1', numRxQueues: 1024 } },
      { do: 'set', device: 'nk0', to: { up: true } },
    ],
    when: { do: 'set', device: 'nk1', to: { up: true } },
    shows: { nk0: { numRxQueues: 8 }, nk1: { numRxQueues: 1024 } },
    queues: { nk0: [1, 1], nk1: [1, 1] },
  },
  {
    name: 'a veth pair is made beside netkit ones',
    from: '01 §2.5',
    when: { do: 'add', kind: 'veth', name: 'v0', peer: { name: 'v1', namespace: 'B' } },
    shows: { v0: { kind: 'veth', peer: { netnsid: 0 } }, 'v1@B': { kind: 'veth' } },
  },
  {
    name: 'loopback is there and down',
    from: '01 §2.10.1',
    shows: {
      lo: { ifindex: 1, flags: 8, mtu: 65536, minMtu: 0, maxMtu: 0, qdisc: 'noop', netnsImmutable: 1, kind: undefined },
    },
  },
]
