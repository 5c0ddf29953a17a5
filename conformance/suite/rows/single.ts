import type { Row, Step } from '../row.ts'

const single: Step = { do: 'add', kind: 'netkit', name: 'nk0', data: { pairing: 'single' } }
const rooms = [
  { headroom: 256, tailroom: 0 },
  { headroom: 0, tailroom: 65535 },
]

/** Devices without a peer. */
export const SINGLE: readonly Row[] = [
  {
    name: 'a single device has neither peer nor scrub',
    from: '01 §3.8, §3.9',
    when: single,
    shows: {
      nk0: {
        flags: 0x1082,
        peer: undefined,
        link: 0,
        linkNetnsid: undefined,
        data: {
          primary: 1,
          policy: 'forward',
          mode: 'l3',
          pairing: 'single',
          scrub: undefined,
          peerPolicy: undefined,
          peerScrub: undefined,
        },
      },
      nk1: null,
    },
  },
  {
    name: 'a single device may be l2 and have an address',
    from: '01 §3.4',
    when: {
      do: 'add',
      kind: 'netkit',
      name: 'nk0',
      address: '02:00:00:00:00:05',
      data: { pairing: 'single', mode: 'l2' },
    },
    shows: { nk0: { flags: 0x1002, address: '02:00:00:00:00:05', data: { mode: 'l2' } } },
  },
  {
    name: 'a single device may be told what it is anyway: policy forward',
    from: '01 §3.4',
    when: {
      do: 'raw',
      attrs: { ifname: 'nk0', linkinfo: { kind: 'netkit', data: { pairing: 'single', policy: 'forward' } } },
    },
    shows: { nk0: { data: { pairing: 'single', policy: 'forward' } } },
  },
  ...rooms.map(
    (room): Row => ({
      name: `a single device with headroom ${room.headroom} and tailroom ${room.tailroom}`,
      from: '01 §3.4',
      when: { do: 'add', kind: 'netkit', name: 'nk0', data: { pairing: 'single', ...room } },
      shows: { nk0: { ...room, data: room } },
    }),
  ),
  {
    name: 'a single device has carrier as soon as it is up',
    from: '01 §3.10',
    given: [single],
    when: { do: 'set', device: 'nk0', to: { up: true } },
    shows: { nk0: { flags: 0x110c3, operstate: 'up', carrier: 1, carrierUpCount: 1 } },
  },
  {
    name: 'a single device loses carrier when it goes down',
    from: '01 §3.10',
    given: [single, { do: 'set', device: 'nk0', to: { up: true } }],
    when: { do: 'set', device: 'nk0', to: { up: false } },
    shows: { nk0: { flags: 0x1082, operstate: 'down', carrier: 0, carrierUpCount: 1, carrierDownCount: 2 } },
  },
  ...(['policy', 'peerPolicy'] as const).map(
    (attr): Row => ({
      name: `${attr} of a single device cannot be changed`,
      from: attr === 'policy' ? '01 §3.7 row 5' : '01 §3.7 row 7',
      given: [single],
      when: { do: 'change', device: 'nk0', data: { [attr]: 'forward' } },
      refused: { code: 'EOPNOTSUPP', extack: null },
    }),
  ),
  {
    name: 'a single device tells what it can do with XDP',
    from: '01 §4.2',
    given: [single],
    when: { do: 'netdev', command: 'devGet', attrs: { ifindex: 2 } },
    answers: { ifindex: 2, xdpFeatures: ['basic', 'redirect', 'xsk-zerocopy'], xdpZcMaxSegs: 1 },
  },
  {
    name: 'a pair can do nothing with XDP',
    from: '01 §4.2',
    given: [{ do: 'add', kind: 'netkit' }],
    when: { do: 'netdev', command: 'devGet', attrs: { ifindex: 3 } },
    answers: { ifindex: 3, xdpFeatures: [], xdpZcMaxSegs: undefined },
  },
  {
    name: 'a single device that is removed is gone alone',
    from: '01 §3.11',
    given: [single, { do: 'add', kind: 'netkit', name: 'a', peer: { name: 'b' } }],
    when: { do: 'remove', device: 'nk0' },
    shows: { nk0: null, a: {}, b: {} },
  },
]
