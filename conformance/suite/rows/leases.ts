import type { Refused, Row, Step } from '../row.ts'

const nic = (queues = 4): Step => ({ do: 'nic', queues })
const single = (room = 4, rest: object = {}): Step =>
  ({
    do: 'add',
    kind: 'netkit',
    name: 'nk0',
    numRxQueues: room,
    data: { pairing: 'single' },
    ...rest,
  }) as Step
const lease = (queue: number, rest: object = {}): Step =>
  ({ do: 'lease', to: 'nk0', from: 'eth0', queue, ...rest }) as Step
const up = (device: string, place: 'A' | 'B' = 'A'): Step => ({ do: 'set', device, in: place, to: { up: true } })

/** A lease as bytes have it, so that parts can be left out. NIC 2, netkit 3. */
const asked = (attrs: object): Step => ({ do: 'netdev', command: 'queueCreate', attrs })
const queue = { id: 1, type: 'rx' }
const whole = { ifindex: 3, type: 'rx', lease: { ifindex: 2, queue } }
const given = [nic(), single()]

const REFUSED: readonly [what: string, attrs: object, refused: Refused, row: string][] = [
  [
    'without a device',
    { type: 'rx', lease: whole.lease },
    { code: 'EINVAL', extack: null, missing: 'ifindex' },
    'row 3',
  ],
  ['without a type', { ifindex: 3, lease: whole.lease }, { code: 'EINVAL', extack: null, missing: 'type' }, 'row 3'],
  ['without a lease', { ifindex: 3, type: 'rx' }, { code: 'EINVAL', extack: null, missing: 'lease' }, 'row 3'],
  ['of a transmit queue', { ...whole, type: 'tx' }, { code: 'EINVAL', extack: null, attr: 'type' }, 'row 4'],
  ['from no device', { ...whole, lease: { queue } }, { code: 'EINVAL', extack: null }, 'row 5'],
  ['of no queue', { ...whole, lease: { ifindex: 2 } }, { code: 'EINVAL', extack: null }, 'row 5'],
  [
    'of a queue without a number',
    { ...whole, lease: { ifindex: 2, queue: { type: 'rx' } } },
    { code: 'EINVAL', extack: null },
    'row 7',
  ],
  [
    'of a queue without a type',
    { ...whole, lease: { ifindex: 2, queue: { id: 1 } } },
    { code: 'EINVAL', extack: null },
    'row 7',
  ],
  [
    "of the NIC's transmit queue",
    { ...whole, lease: { ifindex: 2, queue: { id: 1, type: 'tx' } } },
    { code: 'EINVAL', extack: null, attr: 'lease.queue.type' },
    'row 8',
  ],
  ['for an unknown device', { ...whole, ifindex: 4711 }, { code: 'ENODEV', extack: null }, 'row 9'],
  [
    'for device 0',
    { ...whole, ifindex: 0 },
    { code: 'ERANGE', extack: 'integer out of range', attr: 'ifindex' },
    'row 2',
  ],
  ['for a type 2', { ...whole, type: 2 }, { code: 'ERANGE', extack: 'integer out of range', attr: 'type' }, 'row 2'],
  [
    'for the NIC itself',
    { ...whole, ifindex: 2 },
    { code: 'EINVAL', extack: 'Device is not a virtual device' },
    'row 10',
  ],
  [
    'for loopback',
    { ...whole, ifindex: 1 },
    { code: 'EINVAL', extack: 'Device does not support queue creation' },
    'row 11',
  ],
  [
    'from an unknown namespace',
    { ...whole, lease: { ifindex: 2, queue, netnsId: 7 } },
    { code: 'ENONET', extack: null },
    'row 13',
  ],
  [
    'from a negative namespace',
    { ...whole, lease: { ifindex: 2, queue, netnsId: -1 } },
    { code: 'ERANGE', extack: 'integer out of range', attr: 'lease.netnsId' },
    'row 2',
  ],
  ['from an unknown device', { ...whole, lease: { ifindex: 4711, queue } }, { code: 'ENODEV', extack: null }, 'row 14'],
  [
    'from itself',
    { ...whole, lease: { ifindex: 3, queue } },
    { code: 'EINVAL', extack: 'Lease device is a virtual device' },
    'row 15',
  ],
  [
    'from loopback',
    { ...whole, lease: { ifindex: 1, queue } },
    { code: 'EINVAL', extack: 'Lease device is a virtual device' },
    'row 15',
  ],
  [
    'of queue 4 of 4',
    { ...whole, lease: { ifindex: 2, queue: { id: 4, type: 'rx' } } },
    { code: 'ERANGE', extack: null, attr: 'lease.queue.id' },
    'row 19',
  ],
]

/** Leases of receive queues. */
export const LEASES: readonly Row[] = [
  {
    name: 'a lease makes queue 1',
    from: '01 §4.4',
    given: [...given, up('eth0')],
    when: lease(3),
    answers: { queue: 1 },
    leases: { A: ['eth0 3 > nk0 1'] },
  },
  {
    name: 'queue 0 can be leased',
    from: '01 §5.2',
    given: [...given, up('eth0')],
    when: lease(0),
    answers: { queue: 1 },
    leases: { A: ['eth0 0 > nk0 1'] },
  },
  {
    name: 'leases are numbered as they come',
    from: '01 §5.1',
    given: [...given, up('eth0'), up('nk0'), lease(3), lease(0)],
    when: lease(2),
    answers: { queue: 3 },
    queues: { nk0: [4, 1], eth0: [4, 4] },
    leases: { A: ['eth0 0 > nk0 2', 'eth0 2 > nk0 3', 'eth0 3 > nk0 1'] },
  },
  { name: 'a lease needs neither end up', from: '01 §4.4', given, when: lease(1), answers: { queue: 1 } },
  {
    name: 'a lease changes nothing of the link',
    from: '01 §4.4',
    given,
    when: lease(1),
    shows: { nk0: { numRxQueues: 4 }, eth0: { numRxQueues: 4 } },
  },
  { name: 'a lease tells nobody', from: '01 §4.4', given, when: asked(whole), tells: { A: [] } },
  {
    name: 'the peer of a pair can lease',
    from: '01 §5.2',
    given: [nic(), up('eth0'), { do: 'add', kind: 'netkit', name: 'p', peer: { name: 'nk0', numRxQueues: 2 } }],
    when: lease(1),
    leases: { A: ['eth0 1 > nk0 1'] },
  },
  {
    name: 'the primary of a pair cannot',
    from: '01 §4.4 row 24',
    given: [nic(), { do: 'add', kind: 'netkit', name: 'nk0', numRxQueues: 2, peer: { name: 'p' } }],
    when: lease(1),
    refused: { code: 'EOPNOTSUPP', extack: 'netkit can only lease against the peer device' },
  },
  {
    name: 'without room there is no lease',
    from: '01 §4.4 row 25',
    given: [nic(), single(1)],
    when: lease(1),
    refused: { code: 'EINVAL', extack: 'netkit maximum queue limit reached' },
  },
  {
    name: 'no more leases than there is room for',
    from: '01 §4.4 row 25',
    given: [nic(), single(2), lease(1)],
    when: lease(2),
    refused: { code: 'EINVAL', extack: 'netkit maximum queue limit reached' },
  },
  {
    name: 'a queue is leased once',
    from: '01 §4.4 row 21',
    given: [...given, lease(1)],
    when: lease(1),
    refused: { code: 'EBUSY', extack: 'Device queue in use due to queue leasing' },
  },
  {
    name: 'a queue is leased to one device',
    from: '01 §4.4 row 21',
    given: [...given, lease(1), single(2, { name: 'nk5' })],
    when: { do: 'lease', to: 'nk5', from: 'eth0', queue: 1 },
    refused: { code: 'EBUSY', extack: 'Device queue in use due to queue leasing' },
  },
  {
    name: 'a device leases from one NIC',
    from: '01 §4.4 row 23',
    given: [nic(), nic(), single(), lease(1)],
    when: { do: 'lease', to: 'nk0', from: 'eth1', queue: 1 },
    refused: { code: 'EOPNOTSUPP', extack: 'Leasing queues from different devices not supported' },
  },
  {
    name: 'a NIC serves several devices',
    from: '01 §5.2',
    given: [nic(), up('eth0'), single(), single(2, { name: 'nk5' }), lease(1)],
    when: { do: 'lease', to: 'nk5', from: 'eth0', queue: 2 },
    leases: { A: ['eth0 1 > nk0 1', 'eth0 2 > nk5 1'] },
  },
  ...(['veth', 'dummy'] as const).map(
    (kind): Row => ({
      name: `a ${kind} device cannot lease`,
      from: '01 §4.4 row 11',
      given: [nic(), { do: 'add', kind, name: 'nk0' } as Step],
      when: lease(1),
      refused: { code: 'EINVAL', extack: 'Device does not support queue creation' },
    }),
  ),
  ...REFUSED.map(
    ([what, attrs, refused, row]): Row => ({
      name: `no lease ${what}`,
      from: `01 §4.4 ${row}`,
      given,
      when: asked(attrs),
      refused,
      shows: { nk0: { numRxQueues: 4 } },
    }),
  ),
  {
    name: 'a lease across namespaces has the id of the other',
    from: '01 §4.3',
    given: [nic(), up('eth0'), single(4, { in: 'B' })],
    when: lease(3, { in: 'B', at: 'A' }),
    leases: { A: ['eth0 3 > nk0 1 #0'] },
    nsids: { A: [0], B: [0] },
  },
  {
    name: 'a lease stays when the lessee moves',
    from: '01 §5.2',
    given: [...given, up('eth0'), lease(2)],
    when: { do: 'move', device: 'nk0', to: 'B' },
    leases: { A: ['eth0 2 > nk0 1 #0'] },
  },
  {
    name: 'a lease stays when the NIC moves',
    from: '01 §5.2',
    given: [...given, lease(2), { do: 'move', device: 'eth0', to: 'B' }],
    when: up('eth0', 'B'),
    leases: { B: ['eth0 2 > nk0 1 #0'] },
  },
  {
    name: 'a lease stays when both ends go down and up',
    from: '01 §5.2',
    given: [
      ...given,
      up('eth0'),
      up('nk0'),
      lease(2),
      { do: 'set', device: 'eth0', to: { up: false } },
      { do: 'set', device: 'nk0', to: { up: false } },
      up('nk0'),
    ],
    when: up('eth0'),
    leases: { A: ['eth0 2 > nk0 1'] },
    queues: { nk0: [2, 1] },
  },
  {
    name: 'a lease ends with the lessee, and the queue is free',
    from: '01 §5.3',
    given: [...given, up('eth0'), lease(2), { do: 'remove', device: 'nk0' }, single()],
    when: lease(2),
    answers: { queue: 1 },
    leases: { A: ['eth0 2 > nk0 1'] },
  },
  {
    name: 'a lease of a pair ends with either end',
    from: '01 §5.3',
    given: [
      nic(),
      up('eth0'),
      { do: 'add', kind: 'netkit', name: 'p', peer: { name: 'nk0', numRxQueues: 2 } },
      lease(1),
    ],
    when: { do: 'remove', device: 'p' },
    leases: { A: [] },
  },
  {
    name: 'a NIC that is pulled out takes its lessees along',
    from: '01 §3.12',
    given: [
      nic(),
      single(),
      { do: 'add', kind: 'netkit', name: 'p', peer: { name: 'q', numRxQueues: 2 } },
      lease(1),
      { do: 'lease', to: 'q', from: 'eth0', queue: 2 },
    ],
    when: { do: 'unplug', device: 'eth0' },
    shows: { eth0: null, nk0: null, p: null, q: null },
  },
  {
    name: 'a NIC that is pulled out leaves those that lease nothing',
    from: '01 §3.12',
    given: [nic(), single()],
    when: { do: 'unplug', device: 'eth0' },
    shows: { eth0: null, nk0: {} },
  },
]
