import { errno } from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as K from '../../packet/flow-key.ts'
import { flowSpecOf, parseFlowSpec } from './parse-flow-spec.ts'
import { Rss } from './rss.ts'
import { type SteeringState, SteeringTable } from './steering.ts'
import {
  DISCARD,
  type FlowRule,
  flowRule,
  LOCATION_ANY,
  LOCATION_FIRST,
  LOCATION_LAST,
  ruleWords,
} from './steering-rule.ts'
import { QueueSelector } from './steering-select.ts'

const READY: SteeringState = { up: true, filtering: true, rings: 8, hasContext: (context) => context === 1 }

const rule = (
  type: number,
  action: number,
  fields: Record<number, [value: number, mask?: number]>,
  location?: number,
) => {
  const made = flowRule(type, action, location)
  for (const [word, [value, mask = -1]] of Object.entries(fields)) {
    made.value[Number(word)] = value
    made.mask[Number(word)] = mask
  }
  return made
}
const port = (number: number, action = 3, location = LOCATION_ANY) =>
  rule(K.FLOW_TCP4, action, { [K.KEY_PORTS]: [number, 0xffff] }, location)

describe('insertion is refused', () => {
  const cases: Record<string, [code: number, rule: FlowRule, state?: Partial<SteeringState>, options?: object]> = {
    'while the device is down': [errno.EAGAIN, port(80), { up: false, filtering: false }],
    'while filtering is off': [errno.EPERM, port(80, 99), { filtering: false }],
    'at a place that the NIC does not let choose': [errno.EINVAL, port(80, 3, 5), {}, { explicit: false }],
    'at a place outside the table': [errno.EINVAL, port(80, 3, 4), {}, { size: 4 }],
    'for a ring that does not exist': [errno.EINVAL, port(80, 8)],
    'for a type that is not supported': [errno.EOPNOTSUPP, rule(K.FLOW_SCTP4, 0, { [K.KEY_PORTS]: [1] })],
    'without anything to match': [errno.EOPNOTSUPP, rule(K.FLOW_TCP4, 0, { [K.KEY_PORTS]: [80, 0] })],
    'for a field that the type does not have': [errno.EOPNOTSUPP, rule(K.FLOW_IP4, 0, { [K.KEY_PORTS]: [1] })],
    'for an unknown RSS context': [errno.EINVAL, { ...port(80, 0), context: 2 }],
    'for a context and a ring': [errno.EINVAL, { ...port(80, 1), context: 1 }],
  }
  test.each(Object.entries(cases))('%s', (_, [code, asked, state = {}, options = {}]) => {
    const table = new SteeringTable(options)
    expect(table.insert(asked, { ...READY, ...state })).toBe(-code)
    expect(table.count).toBe(0)
  })

  test('of a match that is there already, unless it replaces it', () => {
    const table = new SteeringTable()
    expect(table.insert(port(80, 3, 5), READY)).toBe(5)
    expect(table.insert(port(80, 4), READY)).toBe(-errno.EEXIST)
    expect(table.insert(port(80, 4, 6), READY)).toBe(-errno.EEXIST)
    expect(table.insert(port(80, 4, 5), READY)).toBe(5)
    expect(table.get(5)?.action).toBe(4)
  })

  test('when the table is full', () => {
    const table = new SteeringTable({ size: 2 })
    expect([1, 2, 3].map((n) => table.insert(port(n), READY))).toEqual([0, 1, -errno.ENOSPC])
    expect([table.remove(0), table.remove(0), table.insert(port(3), READY)]).toEqual([0, -errno.ENOENT, 0])
  })
})

test('special locations take the lowest or highest free place', () => {
  const table = new SteeringTable({ size: 8 })
  expect(table.insert(port(1, 3, LOCATION_LAST), READY)).toBe(7)
  expect(table.insert(port(2, 3, LOCATION_FIRST), READY)).toBe(0)
  expect(table.insert(port(3, 3, LOCATION_ANY), READY)).toBe(1)
  expect(table.locations).toEqual([0, 1, 7])
})

test('a rule with a context may name a ring where the NIC adds it', () => {
  const table = new SteeringTable({ addsRing: true })
  expect(table.insert({ ...port(80, 2), context: 1 }, READY)).toBe(0)
})

test('the highest ring leaves out discarding rules', () => {
  const table = new SteeringTable()
  table.insert(port(1, DISCARD), READY)
  expect(table.highestRing).toBe(-1)
  table.insert(port(2, 5), READY)
  expect(table.highestRing).toBe(5)
})

describe('matching', () => {
  const flow = (fields: Record<number, number>) => {
    const key = K.flowKey()
    for (const [word, value] of Object.entries(fields)) key[Number(word)] = value
    return key
  }
  const tcp = (fields: Record<number, number>) =>
    flow({ [K.KEY_TYPES]: (1 << K.FLOW_TCP4) | (1 << K.FLOW_IP4) | (1 << K.FLOW_ETHER), ...fields })

  test('the lowest place wins, in whatever order rules came', () => {
    const table = new SteeringTable()
    table.insert(rule(K.FLOW_IP4, 1, { [K.KEY_SOURCE]: [0x0a000000, 0xff000000] }, 9), READY)
    table.insert(port(80, DISCARD, 4), READY)
    const key = tcp({ [K.KEY_SOURCE]: 0x0a010203, [K.KEY_PORTS]: 0x12340050 })
    expect(table.ring(table.match(key))).toBe(DISCARD)
    table.insert(rule(K.FLOW_ETHER, 6, { [K.KEY_ETHERTYPE]: [0x0800] }, 2), READY)
    key[K.KEY_ETHERTYPE] = 0x0800
    expect(table.ring(table.match(key))).toBe(6)
    table.remove(2)
    table.remove(4)
    expect(table.ring(table.match(key))).toBe(1)
    expect(table.match(flow({ [K.KEY_TYPES]: 1 << K.FLOW_ETHER }))).toBe(-1)
  })

  test('agrees with a plain reading of the rules', () => {
    const types = [K.FLOW_TCP4, K.FLOW_UDP4, K.FLOW_TCP6, K.FLOW_IP4, K.FLOW_IP6, K.FLOW_ETHER]
    const small = fc.integer({ min: 0, max: 3 })
    const field = fc.record({ which: fc.nat(20), value: small, mask: fc.constantFrom(0, 1, 3, -1) })
    const rules = fc.array(
      fc.record({
        type: fc.constantFrom(...types),
        action: fc.integer({ min: -1, max: 7 }),
        fields: fc.array(field, { maxLength: 3 }),
      }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(
        rules,
        fc.array(small, { minLength: K.KEY_WORDS, maxLength: K.KEY_WORDS }),
        fc.constantFrom(...types),
        (asked, words, type) => {
          const table = new SteeringTable()
          for (const { type, action, fields } of asked) {
            const made = flowRule(type, action)
            const allowed = [...(ruleWords(type) ?? [])]
            for (const { which, value, mask } of fields) {
              made.value[allowed[which % allowed.length]] = value
              made.mask[allowed[which % allowed.length]] = mask
            }
            table.insert(made, READY)
          }
          const key = Int32Array.from(words)
          key[K.KEY_TYPES] = (1 << type) | (1 << K.FLOW_ETHER)
          const first = table.locations
            .map((location) => table.get(location) as FlowRule)
            .find(
              (one) =>
                (key[K.KEY_TYPES] & (1 << one.type)) !== 0 &&
                one.mask.every((mask, i) => (key[i] & mask) === (one.value[i] & mask)),
            )
          const match = table.match(key)
          expect(match < 0 ? undefined : table.ring(match)).toBe(first?.action)
        },
      ),
      { numRuns: 3000 },
    )
  })
})

describe('the selector', () => {
  const frame = Uint8Array.from(
    '0a0b0c0d0e0f02030405060708004500002800014000400600000a0000010a00000212340050000000010000000250180000 00000000'
      .replaceAll(' ', '')
      .match(/../g) as string[],
    (byte) => Number.parseInt(byte, 16),
  )
  const selector = () => new QueueSelector(new Rss(() => 0x9e3779b9, 4), new SteeringTable({ addsRing: true }))

  test('uses RSS where no rule matches', () => {
    const nic = selector()
    const queue = nic.select(frame, 0, frame.length)
    expect(queue).toBe(nic.hash & 3)
    expect(nic.hash).not.toBe(0)
    expect(nic.hashCoversPorts).toBe(true)
    nic.steering.insert(port(443, 3), READY)
    expect(nic.select(frame, 0, frame.length)).toBe(queue)
  })

  test('prefers rules, on MAC addresses too', () => {
    const nic = selector()
    nic.steering.insert(port(80, 7), READY)
    expect(nic.select(frame, 0, frame.length)).toBe(7)
    nic.steering.insert(port(80, DISCARD, 0), READY)
    expect(nic.select(frame, 0, frame.length)).toBe(DISCARD)
    nic.steering.remove(0)
    nic.steering.insert(
      rule(K.FLOW_ETHER, 5, { [K.KEY_MACS]: [0x0a0b0c0d], [K.KEY_MACS + 1]: [0x0e0f0000, 0xffff0000] }),
      READY,
    )
    expect(nic.steering.needsMacs).toBe(true)
    expect(nic.select(frame, 0, frame.length)).toBe(5)
  })

  test('lets a context choose', () => {
    const nic = selector()
    const context = new Rss(() => 7, 4)
    context.setEqual(1, 4)
    nic.contexts.set(1, context)
    nic.steering.insert({ ...port(80, 2), context: 1 }, READY)
    expect(nic.select(frame, 0, frame.length)).toBe(2)
  })
})

describe('ethtool flow specs', () => {
  test('a TCP rule, byte by byte', () => {
    const spec = new Uint8Array(168)
    const view = new DataView(spec.buffer)
    view.setUint32(0, K.FLOW_TCP4, true)
    spec.set([10, 0, 0, 1], 4) // source address
    spec.set([255, 255, 255, 0], 76)
    spec.set([0x00, 0x50], 4 + 10) // destination port
    spec.set([0xff, 0xff], 76 + 10)
    view.setBigUint64(152, 5n, true)
    view.setUint32(160, 17, true)
    const parsed = parseFlowSpec(spec) as FlowRule
    expect([parsed.type, parsed.action, parsed.location, parsed.context]).toEqual([K.FLOW_TCP4, 5, 17, undefined])
    expect([parsed.value[K.KEY_SOURCE], parsed.mask[K.KEY_SOURCE]]).toEqual([0x0a000001, 0xffffff00 | 0])
    expect([parsed.value[K.KEY_PORTS], parsed.mask[K.KEY_PORTS]]).toEqual([80, 0xffff])
  })

  test('what the NIC cannot look at is not parsed', () => {
    const spec = (edit: (view: DataView) => void) => {
      const bytes = flowSpecOf(port(80))
      edit(new DataView(bytes.buffer))
      return bytes
    }
    expect(parseFlowSpec(spec(() => undefined))).toBeDefined()
    expect(parseFlowSpec(spec((view) => view.setUint32(0, 0x0a, true)))).toBeUndefined() // ESP
    expect(parseFlowSpec(spec((view) => view.setUint32(0, K.FLOW_TCP4 | 0x10000000, true)))).toBeUndefined()
    expect(parseFlowSpec(spec((view) => view.setUint8(76 + 13, 1)))).toBeUndefined()
    const vlan = (view: DataView) => {
      view.setUint32(0, (K.FLOW_TCP4 | 0x80000000) >>> 0, true)
      view.setUint16(128 + 10, 0xffff)
    }
    expect(parseFlowSpec(spec(vlan))).toBeUndefined()
    expect(() => parseFlowSpec(new Uint8Array(167))).toThrow('168')
  })

  test('specs and rules agree both ways', () => {
    const types = [K.FLOW_TCP4, K.FLOW_UDP4, K.FLOW_TCP6, K.FLOW_UDP6, K.FLOW_IP4, K.FLOW_IP6, K.FLOW_ETHER]
    const narrow: Record<number, number> = { [K.KEY_TOS]: 0xff, [K.KEY_PROTOCOL]: 0xff, [K.KEY_ETHERTYPE]: 0xffff }
    const word = fc.record({ which: fc.nat(20), value: fc.integer(), mask: fc.integer() })
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.array(word),
        fc.integer({ min: -1, max: 1023 }),
        fc.nat(1000),
        fc.option(fc.nat(9), { nil: undefined }),
        (type, fields, action, location, context) => {
          const made = flowRule(type, action, location)
          if (context !== undefined) made.context = context
          const allowed = [...(ruleWords(type) ?? [])]
          for (const { which, value, mask } of fields) {
            const at = allowed[which % allowed.length]
            made.value[at] = value & (narrow[at] ?? -1)
            made.mask[at] = mask & (narrow[at] ?? -1)
          }
          expect(parseFlowSpec(flowSpecOf(made), context)).toEqual(made)
        },
      ),
    )
  })
})
