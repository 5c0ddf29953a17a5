import { errno } from '@netkit/netlink'
import * as layout from '../../packet/flow-key.ts'
import { type FlowRule, isSpecialLocation, LOCATION_LAST, ruleWords } from './steering-rule.ts'

// Engines fold constants of the own module, not imported ones.
const { KEY_TYPES, KEY_MACS, KEY_WORDS } = layout

export interface SteeringOptions {
  /** Places for rules, default 1024. */
  size?: number
  /** Whether the user may choose a rule's place; otherwise only LOCATION_ANY is taken. Default true. */
  explicit?: boolean
  /** Whether a rule with an RSS context may name a ring, which is added to the context's queue. Default false. */
  addsRing?: boolean
}

/** What the NIC is like when a rule comes. */
export interface SteeringState {
  readonly up: boolean
  /** The n-tuple filtering feature. */
  readonly filtering: boolean
  /** Receive rings. */
  readonly rings: number
  hasContext(context: number): boolean
}

/** Words of a compiled rule: flow type bit, words in all, ring, context + 1 (0 none); then word number, mask and value of
 *  each comparison. */
const TYPE_BIT = 0
const SIZE = 1
const RING = 2
const CONTEXT = 3
const HEADER = 4

/** The n-tuple rules of a NIC, looked at before RSS, lowest location first. Source: spec 03 §6.1. */
export class SteeringTable {
  readonly size: number
  /** Whether a rule looks at MAC addresses, which the parser leaves out otherwise. */
  needsMacs = false
  private readonly explicit: boolean
  private readonly addsRing: boolean
  private readonly rules = new Map<number, FlowRule>()
  private program = new Int32Array(0)

  constructor(options: SteeringOptions = {}) {
    this.size = options.size ?? 1024
    this.explicit = options.explicit ?? true
    this.addsRing = options.addsRing ?? false
  }

  get count(): number {
    return this.rules.size
  }

  /** Places in use, ascending. */
  get locations(): number[] {
    return [...this.rules.keys()].sort((a, b) => a - b)
  }

  /** Highest ring that rules send to, -1 for none. Discarding rules do not count. */
  get highestRing(): number {
    let most = -1
    for (const { action } of this.rules.values()) most = Math.max(most, action)
    return most
  }

  get(location: number): FlowRule | undefined {
    return this.rules.get(location)
  }

  /** Adds a rule, or replaces the one at its explicit location. Gives its location, or a negative errno: EAGAIN device down;
   *  EPERM filtering off; EINVAL location, ring or context; EOPNOTSUPP type, field or no field at all; EEXIST same match at
   *  another place; ENOSPC table full. The first of several, in this order, is the answer. */
  insert(rule: FlowRule, state: SteeringState): number {
    if (!state.up) return -errno.EAGAIN
    if (!state.filtering) return -errno.EPERM
    const special = isSpecialLocation(rule.location)
    if (!special && (!this.explicit || rule.location >= this.size)) return -errno.EINVAL
    if (rule.action >= state.rings) return -errno.EINVAL
    const words = ruleWords(rule.type)
    if (!words || rule.mask.every((mask) => mask === 0)) return -errno.EOPNOTSUPP
    for (let word = 0; word < KEY_WORDS; word++) {
      if (rule.mask[word] !== 0 && !words.has(word)) return -errno.EOPNOTSUPP
    }
    const twin = this.locationOfMatch(rule)
    if (twin >= 0 && (special || twin !== rule.location)) return -errno.EEXIST
    const location = special ? this.vacant(rule.location === LOCATION_LAST) : rule.location
    if (location < 0) return -errno.ENOSPC
    if (rule.context !== undefined) {
      if (!state.hasContext(rule.context)) return -errno.EINVAL
      if (rule.action > 0 && !this.addsRing) return -errno.EINVAL
    }
    this.rules.set(location, {
      ...rule,
      location,
      value: rule.value.map((v, i) => v & rule.mask[i]),
      mask: rule.mask.slice(),
    })
    this.compile()
    return location
  }

  /** Removes the rule at a place: 0 or -ENOENT. */
  remove(location: number): number {
    if (!this.rules.delete(location)) return -errno.ENOENT
    this.compile()
    return 0
  }

  /** The first rule that a parsed frame matches, as a number for {@link ring} and {@link context}; -1 for none. */
  match(flow: Int32Array): number {
    const program = this.program
    const types = flow[KEY_TYPES]
    for (let at = 0; at < program.length; ) {
      const next = at + program[at + SIZE]
      if ((types & program[at + TYPE_BIT]) !== 0) {
        let test = at + HEADER
        while (test < next && (flow[program[test]] & program[test + 1]) === program[test + 2]) test += 3
        if (test >= next) return at
      }
      at = next
    }
    return -1
  }

  /** Ring of a matched rule, or DISCARD. */
  ring(match: number): number {
    return this.program[match + RING]
  }

  /** RSS context of a matched rule, or -1. */
  context(match: number): number {
    return this.program[match + CONTEXT] - 1
  }

  private locationOfMatch(rule: FlowRule): number {
    for (const [location, other] of this.rules) {
      if (other.type !== rule.type) continue
      const same = other.mask.every((mask, i) => mask === rule.mask[i] && other.value[i] === (rule.value[i] & mask))
      if (same) return location
    }
    return -1
  }

  private vacant(last: boolean): number {
    for (let n = 0; n < this.size; n++) {
      const location = last ? this.size - 1 - n : n
      if (!this.rules.has(location)) return location
    }
    return -1
  }

  private compile(): void {
    const program: number[] = []
    this.needsMacs = false
    for (const location of this.locations) {
      const { type, action, context = -1, value, mask } = this.rules.get(location) as FlowRule
      const start = program.length
      program.push(1 << type, 0, action, context + 1)
      // Ports before addresses: they tell most rules apart at the first comparison.
      for (let word = KEY_WORDS - 1; word >= 0; word--) {
        if (mask[word] !== 0) program.push(word, mask[word], value[word])
      }
      program[start + SIZE] = program.length - start
      if (mask.subarray(KEY_MACS).some((bits) => bits !== 0)) this.needsMacs = true
    }
    this.program = Int32Array.from(program)
  }
}
