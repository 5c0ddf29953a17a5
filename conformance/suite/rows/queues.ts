import type { Refused, Row, Step } from '../row.ts'

const nic = (queues = 4): Step => ({ do: 'nic', queues })
const up = (device: string): Step => ({ do: 'set', device, to: { up: true } })
const get = (attrs: object): Step => ({ do: 'netdev', command: 'queueGet', attrs })
const channels = (combined: number): Step => ({ do: 'channels', device: 'eth0', combined })
const single: Step = { do: 'add', kind: 'netkit', name: 'nk0', numRxQueues: 4, data: { pairing: 'single' } }

const BAD_GETS: readonly [what: string, attrs: object, refused: Refused][] = [
  ['without a number', { ifindex: 2, type: 'rx' }, { code: 'EINVAL', extack: null, missing: 'id' }],
  ['without a type', { ifindex: 2, id: 0 }, { code: 'EINVAL', extack: null, missing: 'type' }],
  ['without a device', { id: 0, type: 'rx' }, { code: 'EINVAL', extack: null, missing: 'ifindex' }],
  ['of an unknown device', { ifindex: 4711, id: 0, type: 'rx' }, { code: 'ENODEV', extack: null }],
  ['of device 0', { ifindex: 0, id: 0, type: 'rx' }, { code: 'ERANGE', extack: 'integer out of range' }],
  ['of type 2', { ifindex: 2, id: 0, type: 2 }, { code: 'ERANGE', extack: 'integer out of range' }],
  ['number 4 of 4', { ifindex: 2, id: 4, type: 'rx' }, { code: 'EINVAL', extack: null }],
  [
    'with an attribute that is for creating',
    { ifindex: 2, id: 0, type: 'rx', lease: { ifindex: 1 } },
    { code: 'EINVAL', extack: 'Unknown attribute type' },
  ],
]

/** Queues, channels, and what the netdev and ethtool families tell. */
export const QUEUES: readonly Row[] = [
  ...BAD_GETS.map(
    ([what, attrs, refused]): Row => ({
      name: `no queue ${what}`,
      from: '01 §4.3',
      given: [nic(), up('eth0')],
      when: get(attrs),
      refused,
    }),
  ),
  {
    name: 'a queue of a NIC has a NAPI instance',
    from: '01 §4.3',
    given: [nic(), up('eth0')],
    when: get({ ifindex: 2, id: 1, type: 'rx' }),
    answers: { id: 1, type: 'rx', ifindex: 2, lease: undefined, dmabuf: undefined },
  },
  {
    name: 'a queue of a device that is down is not there',
    from: '01 §4.3',
    given: [nic()],
    when: get({ ifindex: 2, id: 0, type: 'rx' }),
    refused: { code: 'ENOENT', extack: null },
  },
  {
    name: 'the leased queue of a NIC tells whose it is',
    from: '01 §4.3',
    given: [nic(), up('eth0'), single, { do: 'lease', to: 'nk0', from: 'eth0', queue: 2 }],
    when: get({ ifindex: 2, id: 2, type: 'rx' }),
    answers: { lease: { ifindex: 3, queue: { id: 1, type: 'rx' }, netnsId: undefined } },
  },
  {
    name: 'the leased queue of the lessee tells nothing',
    from: '01 §4.3',
    given: [nic(), single, up('nk0'), { do: 'lease', to: 'nk0', from: 'eth0', queue: 2 }],
    when: get({ ifindex: 3, id: 1, type: 'rx' }),
    answers: { id: 1, lease: undefined, napiId: undefined },
  },
  {
    name: 'a dump has the queues of devices that are up',
    from: '01 §4.3',
    given: [nic(2), single, up('nk0')],
    when: { do: 'netdev', command: 'queueGet', dump: true },
    answers: {
      records: [
        { id: 0, type: 'rx', ifindex: 3 },
        { id: 0, type: 'tx', ifindex: 3 },
      ],
    },
  },
  {
    name: 'a dump of an unknown device is refused',
    from: '01 §4.3',
    when: { do: 'netdev', command: 'queueGet', attrs: { ifindex: 4711 }, dump: true },
    refused: { code: 'ENODEV' },
  },
  {
    name: 'an unknown device has no features',
    from: '01 §4.2',
    when: { do: 'netdev', command: 'devGet', attrs: { ifindex: 4711 } },
    refused: { code: 'ENODEV', extack: null },
  },
  {
    name: 'features of no device',
    from: '01 §4.2',
    when: { do: 'netdev', command: 'devGet' },
    refused: { code: 'EINVAL', extack: null, missing: 'ifindex' },
  },
  {
    name: 'loopback has no XDP features',
    from: '01 §4.2',
    when: { do: 'netdev', command: 'devGet', attrs: { ifindex: 1 } },
    answers: { xdpFeatures: [] },
  },
  {
    name: 'no statistics of loopback by queue',
    from: '01 §4.7',
    when: { do: 'netdev', command: 'qstatsGet', attrs: { ifindex: 1 }, dump: true },
    refused: { code: 'EOPNOTSUPP', attr: 'ifindex' },
  },
  {
    name: 'an unknown NAPI instance',
    from: '01 §4.5',
    when: { do: 'netdev', command: 'napiGet', attrs: { id: 4_000_000 } },
    refused: { code: 'ENOENT', attr: 'id' },
  },
  {
    name: 'an unknown page pool',
    from: '01 §4.6',
    when: { do: 'netdev', command: 'pagePoolGet', attrs: { id: 4_000_000 } },
    refused: { code: 'ENOENT' },
  },
  {
    name: 'queue-create has no dump',
    from: '01 §4.4',
    when: { do: 'netdev', command: 'queueCreate', dump: true },
    refused: { code: 'EOPNOTSUPP', extack: null },
  },
  {
    name: 'a NIC tells its channels',
    from: '01 §4.11',
    given: [nic()],
    when: { do: 'ethtool', command: 'channelsGet', attrs: { header: { devName: 'eth0' } } },
    answers: { combinedMax: 4, combinedCount: 4, rxMax: undefined },
  },
  ...[1, 2, 3].map(
    (count): Row => ({
      name: `${count} of 4 channels`,
      from: '01 §4.11',
      given: [nic(), up('eth0')],
      when: channels(count),
      queues: { eth0: [count, count] },
    }),
  ),
  {
    name: 'channels come back',
    from: '01 §4.11',
    given: [nic(), up('eth0'), channels(1)],
    when: channels(4),
    queues: { eth0: [4, 4] },
  },
  {
    name: 'no more channels than there are',
    from: '01 §4.11 row 1',
    given: [nic()],
    when: channels(5),
    refused: { code: 'EINVAL', extack: 'requested channel count exceeds maximum', attr: 'combinedCount' },
  },
  {
    name: 'no NIC without channels',
    from: '01 §4.11 row 2',
    given: [nic()],
    when: channels(0),
    refused: {
      code: 'EINVAL',
      extack: 'requested channel counts would result in no RX or TX channel being configured',
      attr: 'combinedCount',
    },
  },
  {
    name: 'the channel of a leased queue stays',
    from: '01 §4.11 row 6',
    given: [nic(), up('eth0'), single, { do: 'lease', to: 'nk0', from: 'eth0', queue: 2 }],
    when: channels(2),
    refused: { code: 'EINVAL', extack: 'Device queue in use due to queue leasing' },
    queues: { eth0: [4, 4] },
  },
  {
    name: 'channels above a leased queue may go',
    from: '01 §4.11',
    given: [nic(), up('eth0'), single, { do: 'lease', to: 'nk0', from: 'eth0', queue: 2 }],
    when: channels(3),
    queues: { eth0: [3, 3] },
  },
  {
    name: 'a queue that is not in use cannot be leased',
    from: '01 §4.4 row 19',
    given: [nic(), channels(2), single],
    when: { do: 'lease', to: 'nk0', from: 'eth0', queue: 2 },
    refused: { code: 'ERANGE', extack: null, attr: 'lease.queue.id' },
  },
  ...(['channelsGet', 'ringsGet'] as const).flatMap((command) =>
    (['nk0', 'lo'] as const).map(
      (devName): Row => ({
        name: `${devName} has no ${command.replace('Get', '')}`,
        from: '01 §4.11',
        given: [single],
        when: { do: 'ethtool', command, attrs: { header: { devName } } },
        refused: { code: 'EOPNOTSUPP', extack: null },
      }),
    ),
  ),
  {
    name: 'settings of an unknown name',
    from: '01 §4.11',
    when: { do: 'ethtool', command: 'channelsGet', attrs: { header: { devName: 'x' } } },
    refused: { code: 'ENODEV', extack: 'no device matches name', attr: 'header.devName' },
  },
  {
    name: 'settings of an unknown ifindex',
    from: '01 §4.11',
    when: { do: 'ethtool', command: 'channelsGet', attrs: { header: { devIndex: 4711 } } },
    refused: { code: 'ENODEV', extack: 'no device matches ifindex', attr: 'header.devIndex' },
  },
  {
    name: 'settings of two devices',
    from: '01 §4.11',
    given: [single],
    when: { do: 'ethtool', command: 'channelsGet', attrs: { header: { devIndex: 1, devName: 'nk0' } } },
    refused: { code: 'ENODEV', extack: 'ifindex and name do not match', attr: 'header' },
  },
  {
    name: 'settings of nobody',
    from: '01 §4.11',
    when: { do: 'ethtool', command: 'channelsGet', attrs: { header: {} } },
    refused: { code: 'EINVAL', extack: 'neither ifindex nor name specified', attr: 'header' },
  },
  {
    name: 'a NIC tells its rings',
    from: '01 §4.11',
    given: [nic()],
    when: { do: 'ethtool', command: 'ringsGet', attrs: { header: { devName: 'eth0' } } },
    answers: { rxMax: 4096, rx: 512, txMax: 4096, tx: 512, hdsThresh: 0, hdsThreshMax: 1024 },
  },
  {
    name: 'no rings larger than they may be',
    from: '01 §4.11 row 7',
    given: [nic()],
    when: { do: 'ethtool', command: 'ringsSet', attrs: { header: { devName: 'eth0' }, rx: 4097 } },
    refused: { code: 'EINVAL', extack: 'requested ring size exceeds maximum', attr: 'rx' },
  },
]
