import { toHex } from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeRule, encodeRule } from './codec.ts'
import { FLOWS, RXNFC } from './layout.ts'
import type { FlowType, NewRule } from './rule.ts'

const encoded = (rule: NewRule): Uint8Array => {
  const command = new Uint8Array(RXNFC.size)
  encodeRule('rule add eth0', rule, rule.location ?? 0, command)
  return command
}

describe('a rule in the bytes of struct ethtool_rxnfc', () => {
  test('has each part where the structure has it', () => {
    const bytes = encoded({
      location: 5,
      flow: 'tcp4',
      match: { srcIp: '10.1.2.0/24', dstIp: '192.168.0.1', dstPort: 443, vlan: 7 },
      action: { queue: 15 },
    })
    const view = new DataView(bytes.buffer)
    const spec = 16
    expect(view.getUint32(spec, true)).toBe(0x8000_0001)
    expect(toHex(bytes.subarray(spec + 4, spec + 4 + 13))).toBe('0a010200c0a80001000001bb00')
    expect(toHex(bytes.subarray(spec + 76, spec + 76 + 13))).toBe('ffffff00ffffffff0000ffff00')
    expect(toHex(bytes.subarray(spec + 56 + 10, spec + 56 + 12))).toBe('0007')
    expect(toHex(bytes.subarray(spec + 128 + 10, spec + 128 + 12))).toBe('ffff')
    expect(view.getBigUint64(spec + 152, true)).toBe(15n)
    expect(view.getUint32(spec + 160, true)).toBe(5)
  })

  test('says the IP version where the flow type does not', () => {
    expect(encoded({ flow: 'ip4', match: { l4proto: 6 }, action: 'drop' })[16 + 4 + 13]).toBe(1)
  })

  test('is read again as it was written', () => {
    const values: Record<string, fc.Arbitrary<unknown>> = {
      ip4: fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `10.${a}.${b}.1`),
      ip6: fc.nat(65534).map((n) => `2001:db8::${(n + 1).toString(16)}`),
      prefix: fc.integer({ min: 1, max: 31 }).map((n) => `10.0.0.0/${n}`),
      mac: fc.nat(255).map((n) => `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`),
      number: fc.nat(255),
      masked: fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 254 })).map(([value, mask]) => ({ value, mask })),
    }
    const rule = fc.constantFrom(...(Object.keys(FLOWS) as FlowType[])).chain((flow) => {
      const fields = Object.entries(FLOWS[flow].fields as Record<string, { form: string; size: number }>)
      const match = Object.fromEntries(
        fields.map(([key, { form, size }]) => [
          key,
          form === 'ip'
            ? size === 4
              ? fc.oneof(values.ip4, values.prefix)
              : values.ip6
            : form === 'mac'
              ? values.mac
              : fc.oneof(values.number, size === 1 ? values.masked : values.number),
        ]),
      )
      return fc.record({
        flow: fc.constant(flow),
        location: fc.nat(1000),
        match: fc.record(
          { ...match, dstMac: values.mac, vlan: values.number },
          { requiredKeys: [], noNullPrototype: true },
        ),
        action: fc.oneof(
          fc.constantFrom('drop', 'wake'),
          fc.record({ queue: fc.nat(1023) }, { noNullPrototype: true }),
        ),
      })
    })
    fc.assert(
      fc.property(rule, (r) => {
        expect(decodeRule(encoded(r as NewRule))).toEqual({ ...r })
      }),
    )
  })

  test('about traffic that is not known here is passed over', () => {
    const bytes = encoded({ flow: 'tcp4', match: {}, action: 'drop' })
    bytes[16] = 99
    expect(decodeRule(bytes)).toBeUndefined()
  })
})

test.each([
  [
    { flow: 'tcp5', match: {}, action: 'drop' },
    "flow must be one of tcp4, udp4, sctp4, tcp6, udp6, sctp6, ah4, esp4, ah6, esp6, ip4, ip6, ether, not 'tcp5'",
  ],
  [
    { flow: 'ether', match: { srcPort: 1 }, action: 'drop' },
    'match.srcPort cannot be compared in ether traffic; dst, src, proto, dstMac, vlanEtype, vlan can',
  ],
  [{ flow: 'tcp4', match: { srcIp: '::1' }, action: 'drop' }, "match.srcIp must be an address of IPv4, not '::1'"],
  [
    { flow: 'tcp4', match: { srcIp: '1.2.3.4/33' }, action: 'drop' },
    "match.srcIp must have a prefix length from 0 to 32, not '33'",
  ],
  [
    { flow: 'tcp4', match: { dstPort: 65536 }, action: 'drop' },
    'match.dstPort must be an integer from 0 to 65535, not 65536',
  ],
  [
    { flow: 'tcp4', match: { dstPort: { value: 1, mask: -1 } }, action: 'drop' },
    'match.dstPort.mask must be an integer from 0 to 65535, not -1',
  ],
  [
    { flow: 'ether', match: { src: '02:00' }, action: 'drop' },
    "match.src must be a hardware address like 02:00:00:00:00:01, not '02:00'",
  ],
  [{ flow: 'tcp4', match: {}, action: { queue: -1 } }, "action must be { queue: N }, 'drop' or 'wake'"],
])('%j is refused', (rule, why) => {
  expect(() => encoded(rule as unknown as NewRule)).toThrow(`rule add eth0: ${why}`)
})
