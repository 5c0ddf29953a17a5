import type { Row, Step } from '../row.ts'

const pair: Step = { do: 'add', kind: 'netkit', name: 'nk0', peer: { name: 'nk1' } }
const change = (data: object, attrs: object = { ifname: 'nk0' }): Step => ({
  do: 'link',
  message: 'newlink',
  attrs: { ...attrs, linkinfo: { kind: 'netkit', data } },
})

const FIXED: readonly [attr: string, value: unknown, called: string][] = [
  ['mode', 'l3', 'operating mode'],
  ['scrub', 'default', 'scrubbing'],
  ['peerScrub', 'default', 'peer scrubbing'],
  ['peerInfo', {}, 'peer info'],
  ['headroom', 0, 'headroom'],
  ['tailroom', 0, 'tailroom'],
  ['pairing', 'pair', 'pairing'],
]

/** Changing what there is. */
export const CHANGE: readonly Row[] = [
  ...(['policy', 'peerPolicy'] as const).flatMap((attr) =>
    (['blackhole', 'forward'] as const).map(
      (value): Row => ({
        name: `${attr} becomes ${value}`,
        from: '01 §3.7',
        given: [pair],
        when: { do: 'change', device: 'nk0', data: { [attr]: value } },
        shows: {
          nk0: { data: { [attr]: value } },
          nk1: { data: { [attr === 'policy' ? 'peerPolicy' : 'policy']: value } },
        },
      }),
    ),
  ),
  ...FIXED.map(
    ([attr, value, called]): Row => ({
      name: `${attr} cannot be changed later, not even to what it is`,
      from: '01 §3.7 row 4',
      given: [pair],
      when: change({ [attr]: value }),
      refused: {
        code: 'EACCES',
        extack: `netkit link ${called} cannot be changed after device creation`,
        attr: `linkinfo.data.${attr}`,
      },
    }),
  ),
  ...FIXED.map(
    ([attr, value, called]): Row => ({
      name: `${attr} of a single device cannot be changed either`,
      from: '01 §3.7 row 4, §3.14',
      given: [{ do: 'add', kind: 'netkit', name: 'nk0', data: { pairing: 'single' } }],
      when: change({ [attr]: value }),
      refused: { code: 'EACCES', extack: `netkit link ${called} cannot be changed after device creation` },
    }),
  ),
  {
    name: 'nothing can be changed through the peer',
    from: '01 §3.7 row 3',
    given: [pair],
    when: change({ policy: 'blackhole' }, { ifname: 'nk1' }),
    refused: {
      code: 'EACCES',
      extack: 'netkit link settings can be changed only through the primary device',
      attr: null,
    },
    shows: { nk1: { data: { policy: 'forward' } } },
  },
  {
    name: 'not even nothing can be changed through the peer',
    from: '01 §3.7',
    given: [pair],
    when: change({}, { ifname: 'nk1' }),
    refused: { code: 'EACCES' },
  },
  {
    name: 'nothing is changed by nothing',
    from: '01 §3.7',
    given: [pair],
    when: change({}),
    shows: { nk0: { data: { policy: 'forward' } } },
  },
  {
    name: 'a policy that there is not is refused later, too',
    from: '01 §3.7 row 6',
    given: [pair],
    when: change({ policy: 1 }),
    refused: { code: 'EINVAL', extack: 'Provided default xmit policy not supported', attr: 'linkinfo.data.policy' },
  },
  {
    name: 'a bad peer policy leaves the good policy in force',
    from: '01 §3.7',
    given: [pair],
    when: change({ policy: 'blackhole', peerPolicy: 1 }),
    refused: { code: 'EINVAL', attr: 'linkinfo.data.peerPolicy' },
    shows: { nk0: { data: { policy: 'blackhole', peerPolicy: 'forward' } } },
  },
  {
    name: 'what is fixed is refused in its own order, not in that of the request',
    from: '01 §3.7 row 4',
    given: [pair],
    when: change({ pairing: 'pair', headroom: 0, mode: 'l3' }),
    refused: { code: 'EACCES', extack: 'netkit link operating mode cannot be changed after device creation' },
  },
  {
    name: 'SETLINK does not look at the data of a kind',
    from: '01 §2.8',
    given: [pair],
    when: {
      do: 'link',
      message: 'setlink',
      attrs: { ifname: 'nk0', linkinfo: { kind: 'netkit', data: { policy: 'blackhole' } } },
    },
    shows: { nk0: { data: { policy: 'forward' } } },
  },
  {
    name: 'data of another kind is refused',
    from: '01 §2.7 3',
    given: [{ do: 'add', kind: 'dummy', name: 'nk0' }],
    when: change({ policy: 'blackhole' }),
    refused: { code: 'EOPNOTSUPP', extack: null },
  },
  {
    name: 'an exclusive request for what there is is refused',
    from: '01 §2.7 1',
    given: [pair],
    when: { do: 'link', message: 'newlink', flags: 'exclusive', attrs: { ifname: 'nk0' } },
    refused: { code: 'EEXIST', extack: null },
  },
  {
    name: 'nothing is replaced',
    from: '01 §2.7 2',
    given: [pair],
    when: { do: 'link', message: 'newlink', flags: 'replace', attrs: { ifname: 'nk0' } },
    refused: { code: 'EOPNOTSUPP', extack: null },
  },
  {
    name: 'creating without exclusion changes what is there',
    from: '01 §2.7',
    given: [pair],
    when: {
      do: 'link',
      message: 'newlink',
      flags: 'create',
      attrs: { ifname: 'nk0', mtu: 1400, linkinfo: { kind: 'netkit' } },
    },
    shows: { nk0: { mtu: 1400, ifindex: 3 } },
  },
  {
    name: 'nothing is changed that is not there',
    from: '01 §2.5 9',
    when: { do: 'link', message: 'newlink', attrs: { ifname: 'nk7', mtu: 1400 } },
    refused: { code: 'ENODEV', extack: null },
  },
  {
    name: 'SETLINK wants a device to be named',
    from: '01 §2.8',
    when: { do: 'link', message: 'setlink', attrs: { mtu: 1400 } },
    refused: { code: 'EINVAL', extack: null },
  },
]
