import { LINK, RTM_DELLINKPROP, RTM_NEWLINKPROP } from '@netkit/netlink'
import type { Scenario } from '../scenario.ts'
import {
  addNs,
  chunks,
  delLink,
  down,
  dumpLinks,
  getLink,
  inNs,
  kind,
  modify,
  name,
  newLink,
  scenario,
  send,
  setLink,
  up,
} from '../steps.ts'
import { attr, type Bytes, chars, type LinkHead, linkHead, message, nest, REQ, str, u32 } from '../wire.ts'

const L = LINK.ids
const NESTED = 0x8000

export const altnames = (...texts: readonly string[]): Bytes =>
  nest(L.propList | NESTED, ...texts.map((t) => attr(L.altIfname, str(t))))
export const addProps = (attrs: Bytes, head: LinkHead = {}, flags = REQ): Bytes =>
  message({ type: RTM_NEWLINKPROP, flags }, linkHead(head), attrs)
export const delProps = (attrs: Bytes, head: LinkHead = {}, flags = REQ): Bytes =>
  message({ type: RTM_DELLINKPROP, flags }, linkHead(head), attrs)

const TEMPLATES = [
  'nk%d',
  '%d',
  'x%d',
  '%dx',
  'x%dy',
  '%%d',
  '%',
  '%x',
  'a%',
  '%d%d',
  '%i',
  'x%d%',
  '12345678901234%d',
  '1234567890123%d',
  '%d12345678901234',
  '123456%d7890123',
  'all',
  'default',
  'lo',
  'lo%d',
  '.%d',
  'veth%d',
]
const NAMES = [
  '',
  'a',
  '.',
  '..',
  '...',
  'a/b',
  'a:b',
  'a b',
  'a\tb',
  'a\nb',
  'a\x0bb',
  'a\x7fb',
  'a\x01b',
  'a\xa0b',
  '\xe4\xf6',
  '123456789012345',
  '-x',
  '0',
  'all',
  'default',
  'ALL',
  'lo',
  "a'b",
  'a%b',
  'a%s',
  '%',
]

function* given(): Generator<Scenario> {
  for (const part of chunks([...TEMPLATES, ...NAMES], 8)) {
    for (const of of ['netkit', 'dummy', 'veth']) {
      yield scenario(
        `names ${of}`,
        ...part.map((n) => send(newLink([...name(n), ...kind(of)]))),
        ...part.map((n) => send(newLink([...name(n), ...kind(of)]))),
        send(dumpLinks()),
      )
      yield scenario(
        `rename ${of}`,
        send(newLink([...name('t0'), ...kind(of)])),
        send(newLink([...name('nk0'), ...kind('dummy')])),
        ...part.map((n) => send(modify(name(n), { index: 2 }))),
        send(up(2)),
        ...part.map((n) => send(setLink(name(n), { index: 2 }))),
        send(dumpLinks()),
      )
    }
    yield scenario('rename lo', ...part.map((n) => send(modify(name(n), { index: 1 }))), send(dumpLinks()))
    yield scenario(
      'rename to a name with junk behind',
      send(newLink([...name('t0'), ...kind('dummy')])),
      ...part.map((n) => send(modify(attr(L.ifname, [...str(n), ...chars('xy')]), { index: 2 }))),
    )
  }
}

function* numbers(): Generator<Scenario> {
  const dummies = (...names: string[]) => names.map((n) => send(newLink([...name(n), ...kind('dummy')])))
  yield scenario(
    'templates fill gaps',
    ...dummies('x0', 'x2', 'x01', 'x%d', 'x%d', 'x%d'),
    send(delLink(name('x1'))),
    ...dummies('x%d', 'x%d'),
  )
  yield scenario(
    'templates and altnames',
    ...dummies('x%d'),
    send(addProps(altnames('x1', 'x3', 'x02'), { index: 2 })),
    ...dummies('x%d', 'x%d', 'x%d'),
    send(delProps(altnames('x1'), { index: 2 })),
    ...dummies('x%d'),
  )
  yield scenario(
    'templates with a big number in use',
    ...dummies('x32767', 'x32768', 'x99999', 'x-1', 'x+1', 'x0x', 'x%d', 'x%d'),
  )
  yield scenario('templates with a suffix', ...dummies('a0b', 'a1', 'a%db', 'a%db', 'a%d', 'a%d'))
  yield scenario(
    'templates that get too long',
    ...dummies('1234567890123%d', '12345678901234%d', '12345678901234%d', '12345678901234%d'),
    send(dumpLinks()),
  )
  yield scenario(
    'rename by template',
    ...dummies('t0', 'x0'),
    send(modify(name('x%d'), { index: 2 })),
    send(modify(name('x%d'), { index: 2 })),
    send(modify(name('x%d'), { index: 3 })),
    send(dumpLinks()),
  )
  yield scenario(
    'default names',
    ...['netkit', 'veth', 'dummy', 'netkit', 'veth', 'dummy'].map((k) => send(newLink(kind(k)))),
    send(dumpLinks()),
  )
  yield scenario(
    'ifindex given',
    ...[0, 5, 5, 1, 2, 0x7fff_ffff, 0x8000_0000, -1, 6, 0].map((index, i) =>
      send(newLink([...name(`d${i}`), ...kind('dummy')], { index })),
    ),
    send(dumpLinks()),
  )
  yield scenario(
    'ifindex given, pairs',
    ...[0, 5, 7, 4, 8, 2].map((index, i) => send(newLink([...name(`d${i}`), ...kind('netkit')], { index }))),
    send(dumpLinks()),
  )
  yield scenario(
    'indexes after refusals',
    ...['all', 't0', 't0', 'a b', 't1', 'default', 't2'].map((n) => send(newLink([...name(n), ...kind('dummy')]))),
    send(newLink([...name('all'), ...kind('netkit')])),
    send(newLink([...name('t3'), ...kind('netkit')])),
    send(dumpLinks()),
  )
}

function* alternatives(): Generator<Scenario> {
  const made = [send(newLink([...name('t0'), ...kind('netkit')])), send(newLink([...name('d0'), ...kind('dummy')]))]
  const lists: readonly Bytes[] = [
    altnames('one'),
    altnames('one', 'two'),
    altnames('two', 'two'),
    altnames('three', 't0', 'four'),
    altnames('t0'),
    altnames('lo'),
    altnames(''),
    altnames('.'),
    altnames('a b'),
    altnames('a/b'),
    altnames('a%db'),
    altnames('%d'),
    altnames('all'),
    altnames('x'.repeat(127)),
    altnames('x'.repeat(128)),
    altnames(),
    nest(L.propList, attr(L.altIfname, str('plain'))),
    nest(L.propList | NESTED, attr(L.altIfname, [])),
    nest(L.propList | NESTED, attr(L.altIfname, chars('nonul'))),
    nest(L.propList | NESTED, attr(L.altIfname | NESTED, str('flagged'))),
    nest(L.propList | NESTED, attr(L.ifname, str('wrong'))),
    nest(L.propList | NESTED, attr(1, str('wrong')), attr(L.altIfname, str('right'))),
    nest(L.propList | NESTED, attr(0, []), attr(L.altIfname, str('right2'))),
    nest(L.propList | NESTED, attr(99, u32(0)), attr(L.altIfname, str('right3'))),
    nest(L.propList | NESTED, [...attr(L.altIfname, str('left')), 1, 2]),
    nest(L.propList | NESTED, attr(L.altIfname, str('long'), 100)),
    attr(L.propList | NESTED, [1, 2]),
    [...altnames('twice1'), ...altnames('twice2')],
    [],
    [...altnames('with'), ...name('t0')],
    [...altnames('with2'), ...attr(L.mtu, u32(1400))],
    [...altnames('with3'), ...attr(L.altIfname, str('d0'))],
    [...altnames('with4'), ...attr(L.targetNetnsid, u32(0))],
    [...altnames('with5'), ...attr(L.netNsFd, u32(100))],
    [...altnames('with6'), ...attr(99, u32(0))],
    [...altnames('with7'), 1, 2],
  ]
  for (const part of chunks(lists, 9)) {
    yield scenario(
      'altnames',
      ...made,
      ...part.map((l) => send(addProps(l, { index: 3 }))),
      send(dumpLinks()),
      ...part.map((l) => send(delProps(l, { index: 3 }))),
      send(dumpLinks()),
    )
    yield scenario(
      'altnames, up',
      ...made,
      send(up(4)),
      ...part.map((l) => send(addProps(l, { index: 4 }))),
      ...part.map((l) => send(delProps(l, { index: 4 }))),
    )
    yield scenario(
      'altnames by name',
      ...made,
      ...part.map((l) => send(addProps([...name('t0'), ...l]))),
      ...part.map((l) => send(delProps([...l, ...attr(L.altIfname, str('t0'))]))),
    )
    yield scenario(
      'altnames with flags',
      ...made,
      ...[0x100, 0x200, 0x400, 0x600, 0xc00].flatMap((f) =>
        part.slice(0, 2).map((l) => send(addProps(l, { index: 3 }, REQ | f))),
      ),
      ...[0x100, 0x200, 0x400].flatMap((f) => part.slice(0, 2).map((l) => send(delProps(l, { index: 3 }, REQ | f)))),
    )
  }
  yield scenario(
    'altnames without a device',
    ...[{}, { index: 9 }, { index: -1 }].flatMap((h) => [
      send(addProps(altnames('x'), h)),
      send(delProps(altnames('x'), h)),
      send(addProps([...name('none'), ...altnames('x')], h)),
    ]),
  )
  const by = (a: string): Bytes[] => [attr(L.altIfname, str(a)), name(a)]
  yield scenario(
    'altnames as names',
    ...made,
    send(addProps(altnames('other', 'an-alternative-name-that-is-long'), { index: 3 })),
    ...by('other').flatMap((a) => [
      send(getLink(a)),
      send(setLink([...a, ...attr(L.group, u32(3))])),
      send(modify([...a, ...attr(L.mtu, u32(1400))])),
    ]),
    send(getLink(attr(L.altIfname, str('an-alternative-name-that-is-long')))),
    send(getLink(attr(L.altIfname, str('t0')))),
    send(getLink([...name('t0'), ...attr(L.altIfname, str('d0'))])),
    send(getLink([...name('none'), ...attr(L.altIfname, str('d0'))])),
    send(newLink([...name('other'), ...kind('dummy')])),
    send(newLink([...attr(L.altIfname, str('other')), ...kind('dummy')])),
    send(newLink([...attr(L.altIfname, str('new')), ...kind('dummy')])),
    send(modify(name('other'), { index: 4 })),
    send(modify(name('other'), { index: 3 })),
    send(modify(name('t0'), { index: 3 })),
    send(delLink(attr(L.altIfname, str('other')))),
    send(dumpLinks()),
  )
  for (const order of [0, 1]) {
    const moves = [send(setLink(inNs('B'), { index: 4 })), send(setLink([...inNs('B'), ...name('free')], { index: 4 }))]
    yield {
      name: 'altnames on the move',
      steps: [
        addNs('A'),
        addNs('B'),
        ...made,
        send(addProps(altnames('alt1', 'alt2'), { index: 4 })),
        send(newLink([...name(order ? 'alt2' : 'x'), ...kind('dummy')]), { ns: 'B' }),
        send(addProps(altnames(order ? 'z' : 'd0'), { index: 2 }), { ns: 'B' }),
        ...moves,
        send(setLink([...inNs('B'), ...name('alt1')], { index: 4 })),
        send(delLink([], { index: 2 }), { ns: 'B' }),
        send(setLink([...inNs('B'), ...name('alt1')], { index: 4 })),
        send(dumpLinks(), { ns: 'B' }),
        send(dumpLinks()),
      ],
    }
  }
  yield scenario(
    'altname of an up device, renamed',
    ...made,
    send(up(4)),
    send(addProps(altnames('q'), { index: 4 })),
    send(modify(name('q2'), { index: 4 })),
    send(down(4)),
    send(delProps(altnames('q'), { index: 4 })),
    send(delProps(altnames('q2'), { index: 4 })),
  )
}

export function* names(): Generator<Scenario> {
  yield* given()
  yield* numbers()
  yield* alternatives()
}
