import type { Row, Step } from '../row.ts'

const dummy = (name: string): Step => ({ do: 'add', kind: 'dummy', name })
const rename = (device: string, name: string): Step => ({ do: 'set', device, to: { name } })

/** Names and alternative names. */
export const NAMES: readonly Row[] = [
  {
    name: 'a device is renamed',
    from: '01 §2.7 5.7',
    given: [dummy('d0')],
    when: rename('d0', 'x'),
    shows: { x: { ifindex: 2 }, d0: null },
  },
  {
    name: 'a device is renamed while it is up',
    from: '01 §2.12',
    given: [dummy('d0'), { do: 'set', device: 'd0', to: { up: true } }],
    when: rename('d0', 'x'),
    shows: { x: { up: true } },
  },
  {
    name: 'a rename to its own name does nothing',
    from: '01 §2.12',
    given: [dummy('d0')],
    when: rename('d0', 'd0'),
    shows: { d0: {} },
  },
  {
    name: 'a rename takes the lowest free number',
    from: '01 §2.12',
    given: [dummy('d0'), dummy('x0'), dummy('x2')],
    when: rename('d0', 'x%d'),
    shows: { x1: { ifindex: 2 } },
  },
  {
    name: 'a name that is taken is refused',
    from: '01 §2.12',
    given: [dummy('d0'), dummy('d1')],
    when: rename('d0', 'd1'),
    refused: { code: 'EEXIST', extack: null },
    shows: { d0: { ifindex: 2 }, d1: { ifindex: 3 } },
  },
  ...['a/b', 'a:b', '.', '..', 'a b', '%d%d'].map(
    (ifname): Row => ({
      name: `no device is renamed to ${JSON.stringify(ifname)}`,
      from: '01 §2.12',
      given: [dummy('d0')],
      when: { do: 'link', message: 'setlink', header: { ifindex: 2 }, attrs: { ifname } },
      refused: { code: 'EINVAL', extack: null },
    }),
  ),
  {
    name: 'numbers with zeros before them are other names',
    from: '01 §2.12',
    given: [dummy('d00'), dummy('d01')],
    when: { do: 'add', kind: 'dummy', name: 'd%d' },
    answers: { name: 'd0' },
  },
  {
    name: 'numbers of alternative names are taken',
    from: '01 §2.12',
    given: [dummy('a'), { do: 'altnames', device: 'a', add: ['d0'] }],
    when: { do: 'add', kind: 'dummy', name: 'd%d' },
    answers: { name: 'd1' },
  },
  {
    name: 'a device is found by its alternative name',
    from: '01 §2.3',
    given: [dummy('d0'), { do: 'altnames', device: 'd0', add: ['a name that is longer than fifteen bytes'] }],
    when: { do: 'set', device: 'a name that is longer than fifteen bytes', to: { mtu: 1400 } },
    shows: { d0: { mtu: 1400, altnames: ['a name that is longer than fifteen bytes'] } },
  },
  {
    name: 'alternative names are kept in their order',
    from: '01 §2.16',
    given: [dummy('d0'), { do: 'altnames', device: 'd0', add: ['z', 'a', 'm'] }],
    when: { do: 'altnames', device: 'd0', remove: ['a'] },
    shows: { d0: { altnames: ['z', 'm'] } },
  },
  {
    name: 'an alternative name that is taken is refused',
    from: '01 §2.16',
    given: [dummy('d0'), dummy('d1')],
    when: { do: 'altnames', device: 'd0', add: ['d1'] },
    refused: { code: 'EEXIST', extack: null },
  },
  {
    name: 'an alternative name that there is not cannot be taken away',
    from: '01 §2.16',
    given: [dummy('d0')],
    when: { do: 'altnames', device: 'd0', remove: ['x'] },
    refused: { code: 'ENOENT', extack: null },
  },
  {
    name: 'the name itself is no alternative one',
    from: '01 §2.16',
    given: [dummy('d0')],
    when: { do: 'altnames', device: 'd0', remove: ['d0'] },
    refused: { code: 'EINVAL', extack: null },
  },
  {
    name: "another device's alternative name cannot be taken away",
    from: '01 §2.16',
    given: [dummy('d0'), dummy('d1'), { do: 'altnames', device: 'd1', add: ['x'] }],
    when: { do: 'altnames', device: 'd0', remove: ['x'] },
    refused: { code: 'EINVAL', extack: null },
  },
  {
    name: 'alternative names of an unknown device',
    from: '01 §2.16',
    when: { do: 'altnames', device: 'd7', add: ['x'] },
    refused: { code: 'ENODEV', extack: null },
  },
  {
    name: 'alternative names of no device',
    from: '01 §2.16',
    when: { do: 'link', message: 'newlinkprop', attrs: { propList: { altIfname: ['x'] } } },
    refused: { code: 'EINVAL', extack: null },
  },
]
