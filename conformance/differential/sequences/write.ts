import { NETDEV } from '@netkit/netlink'
import { Chance } from '../chance.ts'
import { generic, queueDump, sendGeneric } from '../neighbours/generics.ts'
import type { Requester, Scenario } from '../scenario.ts'
import { dumpLinks, dumpNsids, type SendOptions, send } from '../steps.ts'
import { type Bytes, DUMP } from '../wire.ts'
import * as links from './links.ts'
import { OWN_NUMBERS, Plan } from './plan.ts'
import * as queues from './queues.ts'

/** Operations of a sequence, not counting what it starts with and the dumps at its end. */
export const OPERATIONS = 40
const FIRST_NUMBER = 50_000
/** Devices in a namespace. */
const FEW = 4
const MANY = 9

type Write = (p: Plan, ns: string) => Bytes

/** How one socket is set. Who is told nothing at once may still hear of a carrier later. */
function socket({ c }: Plan, ns: string): SendOptions {
  return {
    ns,
    wait: 1,
    ...(c.oneIn(12) && { strict: 1 }),
    ...(c.oneIn(20) && { cap_ack: 1 }),
    ...(c.oneIn(30) && { ext_ack: undefined }),
    ...(c.oneIn(30) && { as: c.pick<Requester>(['user', 'nocap', 'send-user', 'send-nocap']) }),
  }
}

function request(p: Plan, ns: string): void {
  const { length } = p.devices(ns)
  const [proto, write] = p.c.weighted<readonly ['route' | 'generic', Write]>([
    [length > MANY ? 0 : length < FEW ? 50 : 15, ['route', links.create]],
    [25, ['route', links.change]],
    [22, ['route', links.upOrDown]],
    [12, ['route', links.move]],
    [length > MANY ? 30 : 5, ['route', links.remove]],
    [4, ['route', links.get]],
    [5, ['route', links.names]],
    [5, ['route', links.nsid]],
    [3, ['route', links.several]],
    [20, ['generic', queues.leaseQueue]],
    [5, ['generic', queues.queues]],
    [8, ['generic', queues.channels]],
    [14, ['generic', queues.any]],
  ])
  const datagram = write(p, ns)
  p.do((proto === 'generic' ? sendGeneric : send)(datagram, socket(p, ns)))
}

function operation(p: Plan): void {
  const act = p.c.weighted<() => void>([
    [100, () => request(p, p.c.pick(p.alive))],
    [2, () => p.turnOver()],
    [p.roomy ? 1 : 0, () => p.addNamespace()],
    [p.canPlug ? 2 : 0, () => p.plug()],
    [p.nics.length > 0 ? 1 : 0, () => p.unplug()],
    [p.canLive ? 1 : 0, () => p.addProcess()],
  ])
  act()
}

/** Everything that each namespace can be asked about, by whoever may. */
function dumpAll(p: Plan): void {
  const { devGet, pagePoolGet } = NETDEV.commands
  for (const ns of p.alive) {
    for (const datagram of [dumpLinks(), dumpNsids()]) p.do(send(datagram, { ns }))
    for (const datagram of [
      generic('netdev', devGet.id, [], DUMP),
      queueDump(),
      generic('netdev', pagePoolGet.id, [], DUMP),
    ])
      p.do(sendGeneric(datagram, { ns }))
  }
}

function sequence(name: string, seed: number, numbers: number): Scenario {
  const p = new Plan(new Chance(seed), numbers)
  for (let i = 0; i < 3; i++) p.addNamespace()
  if (p.c.oneIn(2)) p.addProcess()
  if (!p.c.oneIn(3)) p.plug()
  const before = p.steps.length
  while (p.steps.length < before + OPERATIONS) operation(p)
  dumpAll(p)
  return { name, steps: p.steps }
}

export interface RandomOptions {
  readonly seed: number
  readonly count: number
  /** How many other sequences are played beside these, before them. */
  readonly first?: number
}

/** Random sequences of operations of all sorts. */
export function* randomSequences({ seed, count, first = 0 }: RandomOptions): Generator<Scenario> {
  for (let i = 0; i < count; i++)
    yield sequence(`random ${seed} ${i}`, seed * 100_003 + i, FIRST_NUMBER + (first + i) * OWN_NUMBERS)
}
