import { Chance } from '../differential/chance.ts'
import type { Case } from './case.ts'
import { type Arg, MOST_OPS, type Op } from './program.ts'

const hex = (bytes: readonly number[]): string =>
  bytes.map((byte) => (byte & 0xff).toString(16).padStart(2, '0')).join('')
const be16 = (value: number): number[] => [value >>> 8, value & 0xff]

const ETH_P_IP = 0x0800
const ETH_P_IPV6 = 0x86dd
const VLANS = [0x8100, 0x88a8]
const EDGES = [0, 1, 2, 3, 4, 8, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 33, 34, 35, 36, 40, 42, 50, 54, 58, 60, 64, 74]
const FAR = [100, 500, 1000, 3711, 3712, 3713, 4000, 8000, 16063, 16064, 16065, 65535, 65536, 0x7fffffff, 0xffffffff]
const LARGE = [3700, 4100, 9000]

/** Bytes that are free before the packets of PROG_TEST_RUN. */
const HEADROOM = 64
const VLAN_TAG = 4

function growth([name, , bytes]: Op): number {
  if (name === 'skb_vlan_push') return VLAN_TAG
  if (name === 'skb_change_proto') return 20
  return (name === 'skb_change_head' || name === 'skb_adjust_room') && typeof bytes === 'number' ? bytes : 0
}

/**
 * Operations up to the one with which the headroom is used up: packets of PROG_TEST_RUN have no transport header, and Linux then moves
 * the mark that says so, and takes what comes out for the place of one.
 */
function upToExpansion(ops: readonly Op[]): readonly Op[] {
  let room = HEADROOM
  const last = ops.findIndex((op) => {
    const bytes = growth(op)
    room -= bytes < 0x8000_0000 ? bytes : 0
    return room < 0
  })
  return last < 0 ? ops : ops.slice(0, last + 1)
}

/** Makes up cases: the same seed makes up the same ones. */
export class Generator {
  readonly #chance: Chance

  constructor(seed: number) {
    this.#chance = new Chance(seed)
  }

  case(name: string): Case {
    const chance = this.#chance
    const packet = this.#packet()
    const context = chance.oneIn(2) ? this.#context(packet.length / 2) : undefined
    const count = chance.weighted([
      [5, 1],
      [4, 2],
      [3, 4],
      [1, MOST_OPS],
    ])
    return {
      name,
      packet,
      ...(context && { context }),
      ...(chance.oneIn(4) && { flags: 4 }),
      ops: upToExpansion(Array.from({ length: count }, () => this.#op())),
      verdict: chance.pick([0, 2, 7, -1]),
    }
  }

  #bytes(count: number): number[] {
    return Array.from({ length: count }, () => this.#chance.below(256))
  }

  #packet(): string {
    const chance = this.#chance
    const tags = chance.weighted([
      [6, 0],
      [1, 1],
      [1, 2],
    ])
    const macs = chance.oneIn(2) ? [0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] : this.#bytes(12)
    const vlans = Array.from({ length: tags }, () => [...be16(chance.pick(VLANS)), ...this.#bytes(2)]).flat()
    const kind = chance.weighted([
      [5, 4],
      [4, 6],
      [1, 0],
    ])
    const payload = this.#bytes(
      chance.weighted([
        [4, chance.below(60)],
        [2, chance.below(1400)],
        [1, chance.pick(LARGE)],
      ]),
    )
    const body = kind === 4 ? this.#ipv4(payload) : kind === 6 ? this.#ipv6(payload) : payload
    const type = kind === 4 ? ETH_P_IP : kind === 6 ? ETH_P_IPV6 : chance.pick([0x0806, 0x0040, 0x88cc, 0x6000])
    return hex([...macs, ...vlans, ...be16(type), ...body])
  }

  #ipv4(payload: readonly number[]): number[] {
    const protocol = this.#chance.pick([6, 17, 1, 47, 4, 41])
    const transport = [...this.#bytes(20), ...payload]
    return [
      0x45,
      this.#chance.below(256),
      ...be16(20 + transport.length),
      ...this.#bytes(2),
      0,
      0,
      64,
      protocol,
      ...this.#bytes(10),
      ...transport,
    ]
  }

  #ipv6(payload: readonly number[]): number[] {
    const protocol = this.#chance.pick([6, 17, 58, 4, 41])
    const transport = [...this.#bytes(20), ...payload]
    return [0x60, ...this.#bytes(3), ...be16(transport.length), protocol, 64, ...this.#bytes(32), ...transport]
  }

  /** What may be given, and rarely what may not. */
  #context(size: number): string {
    const chance = this.#chance
    const context = Buffer.alloc(192)
    const put = (at: number, value: number): void => void context.writeUInt32LE(value >>> 0, at)
    for (const at of [8, 32, 48, 52, 56, 60, 64, 152, 156]) if (chance.oneIn(2)) put(at, this.#number())
    if (chance.oneIn(4)) put(36, chance.below(10))
    if (chance.oneIn(3)) put(80, chance.pick([54, 58, 60, 74, 100, size, size - 1]))
    if (chance.oneIn(4)) put(160, size + chance.below(100))
    if (chance.oneIn(3)) {
      put(164, chance.below(50))
      put(176, chance.pick([1, 100, 1000, 1448, 65535]))
    }
    if (chance.oneIn(40)) put(4 * chance.below(48), 1)
    return context.toString('hex')
  }

  #number(): number {
    const chance = this.#chance
    return chance.weighted([
      [2, chance.pick(EDGES)],
      [2, chance.below(0x10000) * 0x10000 + chance.below(0x10000)],
      [1, 0xffffffff],
      [1, 0],
    ])
  }

  #offset(): number {
    return this.#chance.weighted([
      [8, this.#chance.pick(EDGES)],
      [2, this.#chance.below(120)],
      [1, this.#chance.pick(FAR)],
    ])
  }

  /** Usually one that is allowed. */
  #flags(allowed: readonly number[]): number {
    if (this.#chance.oneIn(30)) return 2 ** this.#chance.below(14)
    return allowed.reduce((flags, flag) => (this.#chance.oneIn(3) ? flags | flag : flags), 0)
  }

  #op(): Op {
    const names = Object.keys(OPS)
    return OPS[this.#chance.pick(names)](this, this.#chance)
  }

  data(count: number): Arg {
    return { bytes: hex(this.#bytes(count)) }
  }

  offset(): number {
    return this.#offset()
  }

  number(): number {
    return this.#number()
  }

  flags(...allowed: number[]): number {
    return this.#flags(allowed)
  }
}

const protocolBe = (value: number): number => ((value & 0xff) << 8) | (value >>> 8)
const PROTOCOLS = [ETH_P_IP, ETH_P_IPV6, 0x8100, 0x88a8, 0].map(protocolBe)
const ENCAP = [0, 2, 4, 2 | 8, 2 | 0x10, 4 | 8, 4 | 0x10, 2 | 0x10 | 0x40, 6, 0x1a, 0x12]
const DECAP = [0, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x480, 0x180, 0x600, 0x1800, 0xa00]

/** How each operation is made up. */
const OPS: Readonly<Record<string, (make: Generator, chance: Chance) => Op>> = {
  skb_load_bytes(make, chance) {
    const count = chance.pick([1, 2, 4, 14, 20, 40])
    return ['skb_load_bytes', 'ctx', make.offset(), { out: count }, count]
  },
  skb_load_bytes_relative(make, chance) {
    const count = chance.pick([1, 4, 20])
    return [
      'skb_load_bytes_relative',
      'ctx',
      make.offset(),
      { out: count },
      count,
      chance.weighted([
        [4, 0],
        [4, 1],
        [1, 2],
      ]),
    ]
  },
  skb_store_bytes(make, chance) {
    const count = chance.pick([1, 2, 3, 4, 6, 14, 20])
    return ['skb_store_bytes', 'ctx', make.offset(), make.data(count), count, make.flags(1, 1, 2)]
  },
  skb_pull_data: (make) => ['skb_pull_data', 'ctx', make.offset()],
  l3_csum_replace: (make, chance) => {
    const size = chance.weighted([
      [3, 0],
      [3, 2],
      [3, 4],
      [1, 3],
    ])
    return [
      'l3_csum_replace',
      'ctx',
      make.offset(),
      size === 0 && !chance.oneIn(5) ? 0 : make.number(),
      make.number(),
      size | make.flags(),
    ]
  },
  l4_csum_replace: (make, chance) => {
    const size = chance.weighted([
      [3, 0],
      [3, 2],
      [3, 4],
      [1, 3],
    ])
    const flags = size | make.flags(0x10, 0x20, 0x40, 0x80)
    return [
      'l4_csum_replace',
      'ctx',
      make.offset(),
      size === 0 && !chance.oneIn(5) ? 0 : make.number(),
      make.number(),
      flags,
    ]
  },
  csum_diff(make, chance) {
    const from = chance.pick([0, 4, 8, 20])
    const to = chance.pick([0, 4, 8, 20])
    return ['csum_diff', from === 0 ? 0 : make.data(from), from, to === 0 ? 0 : make.data(to), to, make.number()]
  },
  csum_update: (make) => ['csum_update', 'ctx', make.number()],
  csum_level: (_, chance) => ['csum_level', 'ctx', chance.below(5)],
  skb_change_tail: (make) => ['skb_change_tail', 'ctx', make.offset(), make.flags()],
  skb_change_head: (make, chance) => [
    'skb_change_head',
    'ctx',
    chance.oneIn(6) ? make.offset() : chance.below(60),
    make.flags(),
  ],
  skb_change_proto: (make, chance) => ['skb_change_proto', 'ctx', chance.pick(PROTOCOLS), make.flags()],
  skb_change_type: (_, chance) => ['skb_change_type', 'ctx', chance.below(6)],
  skb_vlan_push: (make, chance) => ['skb_vlan_push', 'ctx', chance.pick(PROTOCOLS), make.number()],
  skb_vlan_pop: () => ['skb_vlan_pop', 'ctx'],
  grow(make, chance) {
    const flags = chance.pick(ENCAP) | make.flags(1, 0x20)
    const wide = (BigInt(chance.oneIn(3) ? chance.pick([0, 14, 18]) : 0) << 56n) | BigInt(flags)
    const bytes = chance.weighted([
      [4, chance.pick([8, 20, 28, 40, 50, 4, 14])],
      [1, chance.below(200)],
      [1, make.offset()],
    ])
    return [
      'skb_adjust_room',
      'ctx',
      bytes,
      chance.weighted([
        [4, 0],
        [4, 1],
        [1, 2],
      ]),
      { wide: `${wide}` },
    ]
  },
  shrink(make, chance) {
    const flags = chance.pick(DECAP) | make.flags(1, 0x20)
    const bytes = chance.weighted([
      [4, chance.pick([8, 20, 28, 40, 4])],
      [1, chance.below(80)],
    ])
    return [
      'skb_adjust_room',
      'ctx',
      0x1_0000_0000 - bytes,
      chance.weighted([
        [4, 0],
        [4, 1],
        [1, 2],
      ]),
      flags,
    ]
  },
  set_hash: (make) => ['set_hash', 'ctx', make.number()],
  set_hash_invalid: () => ['set_hash_invalid', 'ctx'],
  skb_set_tstamp: (make, chance) => ['skb_set_tstamp', 'ctx', make.number(), chance.below(4)],
  skb_ecn_set_ce: () => ['skb_ecn_set_ce', 'ctx'],
  get_route_realm: () => ['get_route_realm', 'ctx'],
  get_cgroup_classid: () => ['get_cgroup_classid', 'ctx'],
  read: (_, chance) => ['read', chance.below(60), chance.pick([1, 4, 14])],
  write: (make, chance) => ['write', chance.pick([0, 12, 14, 15, 22, 33, 50]), make.data(chance.pick([1, 2, 6]))],
  load: (_, chance) => {
    const base = chance.weighted([
      [4, 0],
      [1, -0x100000],
      [1, -0x200000],
    ])
    return ['load', chance.pick([1, 2, 4]), base + chance.below(70), chance.below(2)]
  },
  set: (make, chance) =>
    chance.pick<Op>([
      ['set', 8, 4, make.number()],
      ['set', 32, 4, make.number()],
      ['set', 12, 4, chance.below(0x10000)],
      ['set', 44, 4, chance.below(0x10000)],
      ['set', 152, 8, make.number()],
      ['set', 48 + 4 * chance.below(5), chance.pick([1, 2, 4]), make.number()],
    ]),
}
