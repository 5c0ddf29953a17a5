import {
  IFF_UP,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_DELLINK,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_SETLINK,
} from '@netkit/netlink'
import type { RandomState } from '../../world.ts'
import { type Machine, said } from './machine.ts'
import * as R from './requests.ts'

/** Something that is done to a machine. For the same dice it is the same, whatever machine it is done to. */
export type Step = (machine: Machine) => Promise<string>

const NAMESPACES = ['a', 'b', 'c']
const DEVICES = ['p0', 'p1', 'p2', 'p3', 'nk0', 'nk1', 'nk2', 'veth0', 'dummy0', 'eth0', 'eth1', 'eth2', 'lo', 'q0']
const NICS = [1, 2, 3]
const FEATURES = ['rx-ntuple-filter', 'rx-gro', 'hw-tc-offload', 'tx-tcp-segmentation', 'rx-hashing']
/** Descriptor of the other namespace, see Machine. */
const OTHER = 9
const ACK = NLM_F_ACK

class Chooser {
  readonly #dice: RandomState

  constructor(dice: RandomState) {
    this.#dice = dice
  }
  /** From 0, less than `n`. */
  roll(n: number): number {
    return this.#dice.next() % n
  }
  one<T>(list: readonly T[]): T {
    return list[this.roll(list.length)]
  }
  bytes(n: number): Uint8Array {
    return Uint8Array.from({ length: n }, () => this.roll(256))
  }
}

/** Requests in a namespace, mostly the initial one, which may name another. */
class Place {
  readonly #where: string | undefined
  readonly #other: string

  constructor(c: Chooser) {
    this.#where = c.roll(4) === 0 ? c.one(NAMESPACES) : undefined
    this.#other = c.one(NAMESPACES)
  }

  route(bytes: Uint8Array): Step {
    return async (m) => {
      const ns = m.namespace(this.#where)
      return ns ? m.route(ns, bytes) : ''
    }
  }

  routeWithOther(bytes: Uint8Array): Step {
    return async (m) => {
      const ns = m.namespace(this.#where)
      const other = m.namespace(this.#other)
      return ns && other ? m.route(ns, bytes, other) : ''
    }
  }

  generic(request: R.GenericRequest): Step {
    return async (m) => {
      const ns = m.namespace(this.#where)
      return ns ? m.generic(ns, request(m.kernel)) : ''
    }
  }

  create(attrs: R.Link): Step {
    return this.route(R.linkRequest(RTM_NEWLINK, ACK | NLM_F_CREATE | NLM_F_EXCL, attrs))
  }

  set(attrs: R.Link, flags = 0, change = 0): Step {
    return this.route(R.linkRequest(RTM_SETLINK, ACK, attrs, flags, change))
  }
}

type Maker = (c: Chooser, at: Place) => Step

const times = (n: number, maker: Maker): Maker[] => Array.from({ length: n }, () => maker)

/** All that changes a kernel; the more often it is here the more often it is done. */
const MAKERS: readonly Maker[] = [
  ...times(3, (c, at) =>
    at.create({
      ifname: c.one(DEVICES),
      numRxQueues: 1 + c.roll(4),
      linkinfo: {
        kind: 'netkit',
        data: { mode: c.one(['l2', 'l3']), pairing: c.one(['pair', 'single']), headroom: c.roll(99) },
      },
    }),
  ),
  (c, at) =>
    at.create({
      ifname: c.one(DEVICES),
      numRxQueues: 4,
      linkinfo: { kind: 'netkit', data: { mode: 'l2', policy: 'blackhole' } },
    }),
  (c, at) => at.create({ ifname: c.one(DEVICES), linkinfo: { kind: 'veth' }, group: c.roll(3) }),
  (c, at) => at.create({ ifname: c.one(DEVICES), linkinfo: { kind: 'dummy' }, mtu: 1000 + c.roll(600) }),
  ...times(2, (c, at) => at.route(R.linkRequest(RTM_DELLINK, ACK, { ifname: c.one(DEVICES) }))),
  ...times(6, (c, at) => at.set({ ifname: c.one(DEVICES) }, IFF_UP, IFF_UP)),
  (c, at) => at.set({ ifname: c.one(DEVICES) }, 0, IFF_UP),
  (c, at) => at.set({ ifname: c.one(DEVICES), mtu: 60 + c.roll(3000) }),
  (c, at) => at.set({ ifname: c.one(DEVICES), address: `02:00:00:00:00:${10 + c.roll(80)}` }),
  (c, at) => at.set({ ifname: c.one(DEVICES), ifalias: `alias ${c.roll(5)}`, group: c.roll(5), txqlen: c.roll(2000) }),
  ...times(3, (c, at) =>
    at.routeWithOther(R.linkRequest(RTM_SETLINK, ACK, { ifname: c.one(DEVICES), netNsFd: OTHER })),
  ),
  (c, at) =>
    at.route(
      R.linkRequest(RTM_NEWLINKPROP, ACK | NLM_F_CREATE, {
        ifname: c.one(DEVICES),
        propList: { altIfname: [`alt${c.roll(6)}`] },
      }),
    ),
  (c, at) => at.routeWithOther(R.nsidRequest(c.roll(6), OTHER)),
  (c) => {
    const name = c.one(NAMESPACES)
    return (m) => m.addNamespace(name)
  },
  (c) => {
    const name = c.one(NAMESPACES)
    return c.roll(3) === 0 ? (m) => m.removeNamespace(name) : (m) => m.addNamespace(name)
  },
  ...times(2, (c) => {
    const options = { id: c.one(NICS), queues: 2 + c.roll(7) }
    return (m) => said(m.hardware.addNic(options, m.kernel.initialNs))
  }),
  (c) => {
    const id = c.one(NICS)
    return c.roll(4) === 0 ? (m) => said(m.hardware.removeNic(id)) : async () => ''
  },
  (c) => {
    const id = c.one(NICS)
    const wire = c.one([{ kind: 'capture' }, { kind: 'nic', id: c.one(NICS) }, undefined] as const)
    return (m) => said(m.hardware.connectWire(id, wire))
  },
  (c) => {
    const id = c.one(NICS)
    const direction = c.one(['rx', 'tx'] as const)
    const impairment = c.one([{ loss: 0.5 }, { delay: 1, jitter: 1, seed: 3 }, undefined])
    return (m) => said(m.hardware.impair(id, direction, impairment))
  },
  ...times(6, (c, at) =>
    at.generic(
      R.netdevQueueCreate({
        ifindex: 2 + c.roll(9),
        type: 'rx',
        lease: { ifindex: 2 + c.roll(9), queue: { id: c.roll(8), type: 'rx' } },
      }),
    ),
  ),
  (c, at) => at.generic(R.setChannels(`eth${c.roll(3)}`, 1 + c.roll(8))),
  (c, at) =>
    at.generic(
      R.setRings(`eth${c.roll(3)}`, {
        tcpDataSplit: c.one(['unknown', 'disabled', 'enabled']),
        hdsThresh: c.roll(1100),
      }),
    ),
  (c, at) =>
    at.generic(R.setRss(`eth${c.roll(3)}`, { indir: Array.from({ length: 8 }, () => c.roll(4)), hkey: c.bytes(40) })),
  ...times(2, (c, at) => at.generic(R.setFeature(`eth${c.roll(3)}`, c.one(FEATURES), c.roll(2) === 0))),
  ...times(2, (c) => {
    const device = `eth${c.roll(3)}`
    const command = R.steeringRule(c.roll(3) > 0, c.roll(10), c.roll(8), c.roll(60000))
    return (m) => m.ethtool(m.kernel.initialNs, device, command)
  }),
]

/** A random one of all things that change a kernel. Names are few, so that things meet. */
export function randomStep(dice: RandomState): Step {
  const c = new Chooser(dice)
  const make = c.one(MAKERS)
  return make(c, new Place(c))
}

/** All that can be asked of a machine. */
export function portrait(m: Machine): string[] {
  const answers: string[] = []
  for (const ns of m.kernel.namespaces) {
    for (const request of R.routeDumps) answers.push(m.route(ns, request))
    for (const request of R.dumps) answers.push(m.generic(ns, request(m.kernel)))
  }
  return answers
}
