import { type Attachment, addressOf, type DatapathCase, ifindexOf } from './case.ts'
import { frame, SETTINGS } from './generate.ts'
import { answer, attachment, BEGIN, cloneRedirect, observe, redirect, set, stamp } from './programs.ts'

const to = (device: string, type = 0x0800) => frame(addressOf(device), 60, type)

function written(name: string, programs: readonly Attachment[], ...sends: [string, string][]): DatapathCase {
  return { name, settings: SETTINGS[0], programs, sends: sends.map(([device, bytes]) => ({ device, frame: bytes })) }
}

/** Notes a target and lets the packet go on. */
const noteOnly = (device: string) => [BEGIN, redirect('redirect', device, 0), answer(-1)]
const TAKE = [BEGIN, answer(7)]
const look = (slot: number) => [BEGIN, ...observe(slot), answer(-1)]

/** An 802.1Q frame: tag 42, of IPv4 inside. */
function tagged(device: string, tci = 42, outer = 0x8100): string {
  const bytes = Buffer.from(to(device), 'hex')
  return Buffer.concat([
    bytes.subarray(0, 12),
    Buffer.from([outer >> 8, outer & 0xff, tci >> 8, tci & 0xff]),
    bytes.subarray(12),
  ]).toString('hex')
}

const CHANGE_TYPE = 'r1 = r6; r2 = 0; call skb_change_type'
const push = (proto: number, tci: number) =>
  `r1 = r6; r2 = ${((proto & 0xff) << 8) | (proto >> 8)}; r3 = ${tci}; call skb_vlan_push`
const POP = 'r1 = r6; call skb_vlan_pop'

export const WRITTEN: readonly DatapathCase[] = [
  written(
    'a target noted in a netkit program is gone when the packet is received',
    [attachment('nk1', 'netkitPeer', noteOnly('nk2')), attachment('nk1', 'tcxIngress', TAKE)],
    ['eth1', to('nk1')],
  ),
  written(
    'a target noted at ingress is there for the next program of the list',
    [attachment('nk1', 'tcxIngress', noteOnly('nk2')), attachment('nk1', 'tcxIngress', TAKE)],
    ['eth1', to('nk1')],
  ),
  written(
    'a target noted at egress is gone when the driver runs its programs',
    [attachment('nk1', 'tcxEgress', noteOnly('nk2')), attachment('nk1', 'netkitPrimary', TAKE)],
    ['nk1', to('eth1')],
  ),
  written(
    'a target noted at ingress is taken by a program that runs inside a clone',
    [
      attachment('nk1', 'tcxIngress', [BEGIN, redirect('redirect', 'nk3', 0), cloneRedirect('nk2', 0), answer(7)]),
      attachment('nk2', 'netkitPeer', look(1)),
      attachment('nk2', 'tcxEgress', TAKE),
      attachment('nk3', 'tcxEgress', look(0)),
    ],
    ['eth1', to('nk1')],
  ),
  written(
    'a target noted for one packet is gone for the next one',
    [
      attachment('nk1', 'tcxIngress', [
        BEGIN,
        'r2 = *(u32 *)(r6 + 0)',
        'if r2 == 60 goto take',
        redirect('redirect', 'nk2', 0),
        answer(0),
        'take:',
        answer(7),
      ]),
    ],
    ['eth1', frame(addressOf('nk1'), 80)],
    ['eth1', to('nk1')],
  ),
  written(
    'a foreign addressee stays foreign where only the address is changed, and not where the type is',
    [
      attachment('nk1', 'netkitPrimary', [BEGIN, CHANGE_TYPE, ...observe(0), answer(-1)]),
      attachment('eth1', 'tcxIngress', look(1)),
    ],
    ['nk1', frame([2, 0, 0, 0, 0, 0xee])],
  ),
  ...(['eth1', 'v2', 'nk4'] as const).map((device) =>
    written(
      `tags of received frames become fields of the packet: ${device}`,
      [
        attachment(device === 'eth1' ? 'nk1' : device === 'v2' ? 'v1' : 'nk3', 'tcxIngress', look(0)),
        attachment(device === 'eth1' ? 'nk1' : 'nk3', 'netkitPeer', look(1)),
      ],
      [device, tagged(device === 'eth1' ? 'nk1' : device === 'v2' ? 'v1' : 'nk3')],
      [device, tagged(device === 'eth1' ? 'nk1' : device === 'v2' ? 'v1' : 'nk3', 0)],
      [device, tagged(device === 'eth1' ? 'nk1' : device === 'v2' ? 'v1' : 'nk3', 7, 0x88a8)],
    ),
  ),
  written(
    'a tag goes along to another device',
    [
      attachment('nk1', 'tcxIngress', [BEGIN, redirect('redirect', 'nk2', 0), 'exit']),
      attachment('eth2', 'tcxIngress', look(0)),
    ],
    ['eth1', tagged('eth2')],
  ),
  written(
    'a tag that a program pushes: to a pair, a cable, and a device that swallows it',
    [
      attachment('nk1', 'tcxIngress', [
        BEGIN,
        push(0x8100, 99),
        ...observe(0),
        cloneRedirect('v1', 0),
        cloneRedirect('du', 0),
        redirect('redirect', 'nk2', 0),
        'exit',
      ]),
      attachment('eth2', 'tcxIngress', look(1)),
      attachment('v2', 'tcxIngress', look(2)),
      attachment('du', 'tcxEgress', look(3)),
    ],
    ['eth1', to('eth2')],
  ),
  written(
    'a second tag puts the first one into the frame',
    [
      attachment('nk1', 'netkitPeer', [BEGIN, push(0x8100, 99), push(0x88a8, 5), ...observe(0), answer(-1)]),
      attachment('nk1', 'tcxIngress', [...look(1).slice(0, -1), POP, ...observe(2), answer(0)]),
    ],
    ['eth1', to('nk1')],
  ),
  written(
    'tags of a clone that goes to an ingress',
    [
      attachment('nk1', 'tcxIngress', [BEGIN, push(0x8100, 99), cloneRedirect('nk2', 1), answer(0)]),
      attachment('nk2', 'tcxIngress', look(0)),
    ],
    ['eth1', to('nk2')],
  ),
  ...[0, 1, 2].map((hops) =>
    written(
      `marks, priorities and times on the way of a redirect: ${['egress', 'ingress', 'peer'][hops]}`,
      [
        attachment('nk1', 'tcxIngress', [
          BEGIN,
          set('mark', 7),
          set('priority', 8),
          set('tcIndex', 9),
          stamp(1234),
          redirect(hops === 2 ? 'redirect_peer' : 'redirect', 'nk2', hops === 2 ? 0 : hops),
          'exit',
        ]),
        attachment('nk2', 'tcxEgress', look(0)),
        attachment('nk2', 'netkitPrimary', look(1)),
        attachment('nk2', 'tcxIngress', look(2)),
        attachment('eth2', 'tcxIngress', look(3)),
      ],
      ['eth1', to('eth2')],
      ['eth1', to('nk2')],
    ),
  ),
  written(
    'peer and egress: the other end sends, and its own programs run',
    [
      attachment('nk1', 'netkitPeer', [BEGIN, set('mark', 7), stamp(5), redirect('redirect_peer', 'nk2', 2), 'exit']),
      attachment('eth2', 'tcxEgress', look(0)),
      attachment('nk2', 'netkitPeer', look(1)),
      attachment('nk2', 'tcxIngress', look(2)),
    ],
    ['eth1', to('nk2')],
  ),
  ...['nk3', 'du', 'lo'].map((device) =>
    written(
      `redirect_peer to what has no peer elsewhere: ${device}`,
      [
        attachment('nk1', 'tcxIngress', [
          BEGIN,
          device === 'lo' ? 'r1 = 1; r2 = 0; call redirect_peer' : redirect('redirect_peer', device, 0),
          'exit',
        ]),
      ],
      ['eth1', to('nk1')],
    ),
  ),
  written(
    'answers of clone_redirect',
    [
      attachment('nk1', 'tcxIngress', [
        BEGIN,
        ...[
          `${ifindexOf('nk2')}; r3 = 2`,
          '9999; r3 = 0',
          `${ifindexOf('nk2')}; r3 = 0`,
          `${ifindexOf('nk3')}; r3 = 1`,
          `${ifindexOf('v1')}; r3 = 0`,
        ].flatMap((args, n) => [
          `r1 = r6; r2 = ${args}; call clone_redirect; r7 = r0`,
          // The answer is told by the mark that an observer sees.
          '*(u32 *)(r6 + 8) = r7',
          ...observe(n),
        ]),
        answer(0),
      ]),
      attachment('nk2', 'netkitPrimary', [BEGIN, answer(2)]),
      attachment('v1', 'tcxEgress', [BEGIN, answer(2)]),
    ],
    ['eth1', to('nk1')],
  ),
  written(
    'a circle of redirects between egresses',
    [
      attachment('nk1', 'tcxEgress', [BEGIN, redirect('redirect', 'nk2', 0), 'exit']),
      attachment('nk2', 'tcxEgress', [BEGIN, ...observe(0), redirect('redirect', 'nk1', 0), 'exit']),
    ],
    ['nk1', to('eth1')],
  ),
  written(
    'a circle of redirects between netkit programs',
    [attachment('nk3', 'netkitPrimary', [BEGIN, ...observe(0), redirect('redirect', 'nk3', 0), 'exit'])],
    ['nk3', to('nk4')],
  ),
  written(
    'a circle between the ends of a pair',
    [
      attachment('nk3', 'netkitPrimary', [BEGIN, ...observe(0), redirect('redirect', 'nk4', 0), 'exit']),
      attachment('nk3', 'netkitPeer', [BEGIN, ...observe(1), redirect('redirect', 'nk3', 0), 'exit']),
    ],
    ['nk3', to('nk4')],
  ),
  ...[40, 80].map((length) =>
    written(
      `a program makes the packet ${length} bytes long: counters have what was sent`,
      [
        attachment('nk1', 'netkitPrimary', [
          BEGIN,
          `r1 = r6; r2 = ${length}; r3 = 0; call skb_change_tail`,
          ...observe(0),
          answer(0),
        ]),
        attachment('eth1', 'tcxIngress', look(1)),
      ],
      ['nk1', to('eth1')],
    ),
  ),
  written(
    'room for a header that a program makes goes along to another device',
    [
      attachment('nk1', 'netkitPeer', [
        BEGIN,
        // 20 bytes of IPv4 in front of IPv4: BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4
        'r1 = r6; r2 = 20; r3 = 1; r4 = 2; call skb_adjust_room',
        ...observe(0),
        redirect('redirect', 'nk2', 0),
        'exit',
      ]),
      attachment('nk2', 'netkitPrimary', look(1)),
      attachment('eth2', 'tcxIngress', look(2)),
    ],
    ['eth1', to('eth2')],
  ),
]
