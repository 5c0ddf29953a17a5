import {
  MSG_DONTWAIT,
  POLLIN,
  POLLOUT,
  SOL_XDP,
  XDP_BIND,
  XDP_MMAP_OFFSETS,
  XDP_OPTION,
  XDP_PGOFF,
  XDP_STATISTICS,
  XDP_UMEM_FLAG,
} from '@netkit/netlink'
import type { BindWish, Outcome, UmemWish, XskLab } from './lab.ts'

/** One thing to try, and what Linux says. */
export interface Row {
  readonly name: string
  readonly run: (lab: XskLab) => unknown
  readonly answers: Outcome
  /** Where the machine's own Linux is older and answers otherwise. */
  readonly before?: { readonly release: string; readonly answers: Outcome }
}

const { sharedUmem, copy, zerocopy, useNeedWakeup, useSg } = XDP_BIND
const { unalignedChunk, txMetadataLen } = XDP_UMEM_FLAG

const umem = (name: string, wish: UmemWish, answers: Outcome, before?: Row['before']): Row => ({
  name: `umem: ${name}`,
  run: (lab) => lab.umem(lab.open(), wish),
  answers,
  ...(before && { before }),
})

/** Source: spec 02 §8.2. */
const UMEM: readonly Row[] = [
  umem('taken', {}, 0),
  umem('the old form', { bytes: 24 }, 0),
  umem('too short an option', { bytes: 23 }, 'EINVAL'),
  umem('chunks too small', { chunkSize: 1024 }, 'EINVAL'),
  umem('chunks beyond a page', { chunkSize: 8192 }, 'EINVAL'),
  umem('chunks of no power of two', { chunkSize: 3000 }, 'EINVAL'),
  umem('such chunks anywhere', { chunkSize: 3000, flags: unalignedChunk }, 0),
  umem('unknown flags', { flags: 8 }, 'EINVAL'),
  umem('not at a page', { addr: 64 }, 'EINVAL'),
  umem('no chunk', { len: 1024 }, 'EINVAL'),
  umem('half a chunk at the end', { len: 5120 }, 'EINVAL'),
  umem('half a chunk at the end, chunks anywhere', { len: 5120, flags: unalignedChunk }, 0),
  umem('headroom that leaves room', { headroom: 1344 }, 0),
  umem('headroom beyond a frame', { headroom: 1345 }, 'EINVAL'),
  umem('headroom beyond the chunk', { headroom: 1792 }, 'EINVAL'),
  umem('metadata', { flags: txMetadataLen, metadata: 24 }, 0),
  umem('metadata without length', { flags: txMetadataLen }, 'EINVAL', { release: '7.3', answers: 0 }),
  umem('metadata of no multiple of 8', { flags: txMetadataLen, metadata: 20 }, 'EINVAL'),
  umem('too much metadata', { flags: txMetadataLen, metadata: 256 }, 'EINVAL'),
  {
    name: 'umem: a second one',
    run: (lab) => lab.umem(lab.ready()),
    answers: 'EBUSY',
  },
  { name: 'umem: once bound', run: (lab) => lab.umem(lab.bound()), answers: 'EBUSY' },
]

/** Source: spec 02 §8.1. */
const OPTIONS: readonly Row[] = [
  { name: 'socket: another type', run: (lab) => void lab.open(2), answers: 'ESOCKTNOSUPPORT' },
  { name: 'socket: a protocol', run: (lab) => void lab.open(3, 1), answers: 'EPROTONOSUPPORT' },
  ...(['rx', 'tx', 'fill', 'completion'] as const).flatMap((ring): Row[] => [
    { name: `${ring}: a ring`, run: (lab) => lab.ring(lab.open(), ring, 64), answers: 0 },
    { name: `${ring}: no entries`, run: (lab) => lab.ring(lab.open(), ring, 0), answers: 'EINVAL' },
    { name: `${ring}: no power of two`, run: (lab) => lab.ring(lab.open(), ring, 48), answers: 'EINVAL' },
    { name: `${ring}: too short`, run: (lab) => lab.ring(lab.open(), ring, 64, 3), answers: 'EINVAL' },
    { name: `${ring}: twice`, run: (lab) => lab.ring(lab.with(ring), ring, 64), answers: 'EINVAL' },
    { name: `${ring}: once bound`, run: (lab) => lab.ring(lab.bound(), ring, 48), answers: 'EBUSY' },
  ]),
  {
    name: 'set: an unknown option',
    run: (lab) => lab.open().setsockopt(SOL_XDP, 99, new Uint8Array(4)),
    answers: 'ENOPROTOOPT',
  },
  {
    name: 'set: what can only be asked for',
    run: (lab) => lab.open().setsockopt(SOL_XDP, XDP_OPTION.statistics, new Uint8Array(4)),
    answers: 'ENOPROTOOPT',
  },
  ...(
    [
      ['statistics, too short', XDP_OPTION.statistics, XDP_STATISTICS.oldSize - 1, 'EINVAL'],
      ['statistics, the old form', XDP_OPTION.statistics, XDP_STATISTICS.size - 1, 24],
      ['statistics', XDP_OPTION.statistics, 100, 48],
      ['offsets, too short', XDP_OPTION.mmapOffsets, XDP_MMAP_OFFSETS.oldSize - 1, 'EINVAL'],
      ['offsets, the old form', XDP_OPTION.mmapOffsets, XDP_MMAP_OFFSETS.size - 1, 96],
      ['offsets', XDP_OPTION.mmapOffsets, 200, 128],
      ['options, too short', XDP_OPTION.options, 3, 'EINVAL'],
      ['options', XDP_OPTION.options, 8, 4],
      ['what can only be set', XDP_OPTION.rxRing, 4, 'EOPNOTSUPP'],
    ] as const
  ).map(
    ([name, option, length, answers]): Row => ({
      name: `get: ${name}`,
      run: (lab) => lab.open().getsockopt(SOL_XDP, option, length).length,
      answers,
    }),
  ),
  { name: 'get: another level', run: (lab) => lab.open().getsockopt(41, 7, 48).length, answers: 'ENOPROTOOPT' },
]

/** Source: spec 02 §8.3. */
const MAPPINGS: readonly Row[] = [
  { name: 'mmap: no ring', run: (lab) => void lab.open().mmap(4096, XDP_PGOFF.rx), answers: 'EINVAL' },
  { name: 'mmap: nowhere', run: (lab) => void lab.with('rx').mmap(4096, 4096), answers: 'EINVAL' },
  { name: 'mmap: too long', run: (lab) => void lab.with('rx').mmap(8192, XDP_PGOFF.rx), answers: 'EINVAL' },
  { name: 'mmap: a ring', run: (lab) => lab.with('rx').mmap(576, XDP_PGOFF.rx).unmap(), answers: 0 },
  { name: 'mmap: a pool`s ring', run: (lab) => lab.bound().mmap(448, XDP_PGOFF.fill).unmap(), answers: 0 },
]

const bind = (name: string, wish: BindWish, answers: Outcome): Row => ({
  name: `bind: ${name}`,
  run: (lab) => lab.bind(lab.ready('rx', 'tx'), wish),
  answers,
})

/** A second socket that shares the UMEM of a first one. */
const shared = (
  name: string,
  rings: readonly ('rx' | 'fill' | 'completion')[],
  wish: Omit<BindWish, 'fd'>,
  answers: Outcome,
): Row => ({
  name: `share: ${name}`,
  run(lab) {
    const first = lab.bound({ flags: copy })
    lab.bind(lab.with(...rings), { flags: sharedUmem, ...wish, fd: first.fd })
  },
  answers,
})

/** Source: spec 03 §5.2. */
const BINDS: readonly Row[] = [
  bind('in copy mode', { flags: copy }, 0),
  bind('in any mode', {}, 0),
  bind('with wake-ups', { flags: useNeedWakeup | copy }, 0),
  bind('packets of several buffers', { flags: useSg | copy }, 0),
  bind('too short an address', { length: 15 }, 'EINVAL'),
  bind('another family', { family: 2 }, 'EINVAL'),
  bind('unknown flags', { flags: 0x20 }, 'EINVAL'),
  bind('no such device', { ifindex: 9999 }, 'ENODEV'),
  bind('both modes', { flags: copy | zerocopy }, 'EINVAL'),
  bind('no copies on veth', { flags: zerocopy }, 'EOPNOTSUPP'),
  bind('a queue that there is not', { queue: 1 }, 'EINVAL'),
  bind('a queue of more than 16 bits', { queue: 0x1_0000 }, 0),
  bind('lo', { dev: 'lo', flags: copy }, 0),
  { name: 'bind: no ring', run: (lab) => lab.bind(lab.ready()), answers: 'EINVAL' },
  { name: 'bind: no umem', run: (lab) => lab.bind(lab.with('rx', 'fill', 'completion')), answers: 'EINVAL' },
  {
    name: 'bind: no fill ring',
    run(lab) {
      const socket = lab.with('rx', 'completion')
      lab.umem(socket)
      lab.bind(socket)
    },
    answers: 'EINVAL',
  },
  { name: 'bind: twice', run: (lab) => lab.bind(lab.bound()), answers: 'EBUSY' },
  {
    name: 'bind: device before rings',
    run: (lab) => lab.bind(lab.open(), { ifindex: 9999 }),
    answers: 'ENODEV',
  },
  {
    name: 'bind: a queue that is taken',
    run(lab) {
      lab.bound()
      lab.bind(lab.ready('rx'))
    },
    answers: 'EBUSY',
  },
  {
    name: 'bind: a queue that was given up',
    run(lab) {
      lab.bound().close()
      lab.bind(lab.ready('rx'), { dev: 'v1' })
    },
    answers: 0,
  },
  shared('the same queue', ['rx'], {}, 0),
  shared('another device without rings', ['rx'], { dev: 'v1' }, 'EINVAL'),
  shared('another device', ['rx', 'fill', 'completion'], { dev: 'v1' }, 0),
  shared('the same queue with a fill ring', ['rx', 'fill'], {}, 'EINVAL'),
  shared('with a mode', ['rx'], { flags: sharedUmem | copy }, 'EINVAL'),
  shared('with wake-ups', ['rx'], { flags: sharedUmem | useNeedWakeup }, 'EINVAL'),
  {
    name: 'share: with a umem of its own',
    run(lab) {
      const first = lab.bound()
      lab.bind(lab.ready('rx'), { flags: sharedUmem, fd: first.fd })
    },
    answers: 'EINVAL',
  },
  {
    name: 'share: of a socket that is not bound',
    run: (lab) => lab.bind(lab.with('rx'), { flags: sharedUmem, fd: lab.ready('rx').fd }),
    answers: 'EBADF',
  },
  {
    name: 'share: no descriptor',
    run: (lab) => lab.bind(lab.with('rx'), { flags: sharedUmem, fd: 9999 }),
    answers: 'ENOTSOCK',
  },
]

/** Source: spec 02 §8.7. Numbers are errno, negative. */
const CALLS: readonly Row[] = [
  { name: 'send: not bound', run: (lab) => lab.open().send(MSG_DONTWAIT), answers: -6 },
  { name: 'send: blocking', run: (lab) => lab.bound().send(0), answers: -95 },
  { name: 'send: no ring', run: (lab) => lab.bound({}, 'rx').send(MSG_DONTWAIT), answers: -105 },
  { name: 'send: nothing', run: (lab) => lab.bound().send(MSG_DONTWAIT), answers: 0 },
  { name: 'send: down', run: (lab) => lab.bound({ dev: 'down0' }).send(MSG_DONTWAIT), answers: -100 },
  { name: 'receive: not bound', run: (lab) => lab.open().receive(MSG_DONTWAIT), answers: -6 },
  { name: 'receive: no ring', run: (lab) => lab.bound({}, 'tx').receive(MSG_DONTWAIT), answers: -105 },
  { name: 'receive: blocking', run: (lab) => lab.bound().receive(0), answers: -95 },
  { name: 'receive: nothing', run: (lab) => lab.bound().receive(MSG_DONTWAIT), answers: 0 },
  { name: 'receive: down', run: (lab) => lab.bound({ dev: 'down0' }).receive(MSG_DONTWAIT), answers: -100 },
  { name: 'poll: not bound', run: (lab) => lab.open().poll(POLLIN | POLLOUT), answers: 0 },
  { name: 'poll: room to send', run: (lab) => lab.bound().poll(POLLIN | POLLOUT), answers: POLLOUT },
  { name: 'poll: only receives', run: (lab) => lab.bound({}, 'rx').poll(POLLIN | POLLOUT), answers: 0 },
  { name: 'poll: down', run: (lab) => lab.bound({ dev: 'down0' }).poll(POLLIN | POLLOUT), answers: 0 },
]

export const ROWS: readonly Row[] = [...OPTIONS, ...UMEM, ...MAPPINGS, ...BINDS, ...CALLS]
