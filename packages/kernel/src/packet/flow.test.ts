import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseFlow, parseMacs } from './flow.ts'
import * as K from './flow-key.ts'

const hex = (text: string) => Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (byte) => Number.parseInt(byte, 16))

const MACS = '0a0b0c0d0e0f 020304050607'
const IP4 = (rest: { length: number; fragment?: string; protocol: string; options?: string }) => {
  const words = 5 + (rest.options ? rest.options.replaceAll(' ', '').length / 8 : 0)
  const total = (words * 4 + rest.length).toString(16).padStart(4, '0')
  return `0800 4${words.toString(16)}b8 ${total} 0001 ${rest.fragment ?? '4000'} 40 ${rest.protocol} 0000 c0000201 c6336402 ${rest.options ?? ''}`
}
const IP6 = (length: number, next: string) =>
  `86dd 6ab00000 ${length.toString(16).padStart(4, '0')} ${next} 40 20010db8000000000000000000000001 20010db80000000000000000000000ff`
const PORTS = '1234 0050'
const TCP = `${PORTS} 00000001 00000002 5018 ffff 0000 0000`
const UDP = `${PORTS} 0008 0000`
const types = (...flows: number[]) => flows.reduce((bits, flow) => bits | (1 << flow), 0)

const parse = (frame: Uint8Array) => {
  const key = K.flowKey()
  parseFlow(frame, 0, frame.length, key)
  return key
}

const VALID: Record<string, { frame: string; key: Record<number, number> }> = {
  'TCP over IPv4': {
    frame: `${MACS} ${IP4({ length: 20, protocol: '06' })} ${TCP}`,
    key: {
      [K.KEY_TYPES]: types(K.FLOW_ETHER, K.FLOW_IP4, K.FLOW_TCP4),
      [K.KEY_ETHERTYPE]: 0x0800,
      [K.KEY_NETWORK]: 14,
      [K.KEY_TRANSPORT]: 34,
      [K.KEY_PAYLOAD]: 54,
      [K.KEY_PROTOCOL]: 6,
      [K.KEY_TOS]: 0xb8,
      [K.KEY_SOURCE]: 0xc0000201 | 0,
      [K.KEY_DESTINATION]: 0xc6336402 | 0,
      [K.KEY_PORTS]: 0x12340050,
      [K.KEY_FLAGS]: 0,
      [K.KEY_VLANS]: 0,
    },
  },
  'UDP over IPv4 with options and padding': {
    frame: `${MACS} ${IP4({ length: 8, protocol: '11', options: '94040000 01010100' })} ${UDP} 000000000000`,
    key: {
      [K.KEY_TYPES]: types(K.FLOW_ETHER, K.FLOW_IP4, K.FLOW_UDP4),
      [K.KEY_TRANSPORT]: 42,
      [K.KEY_PAYLOAD]: 50,
      [K.KEY_END]: 50,
      [K.KEY_PORTS]: 0x12340050,
    },
  },
  'SCTP over IPv6': {
    frame: `${MACS} ${IP6(12, '84')} ${PORTS} 00000001 00000000`,
    key: {
      [K.KEY_TYPES]: types(K.FLOW_ETHER, K.FLOW_IP6, K.FLOW_SCTP6),
      [K.KEY_TOS]: 0xab,
      [K.KEY_TRANSPORT]: 54,
      [K.KEY_SOURCE]: 0x20010db8,
      [K.KEY_SOURCE + 3]: 1,
      [K.KEY_DESTINATION]: 0x20010db8,
      [K.KEY_DESTINATION + 3]: 0xff,
      [K.KEY_PORTS]: 0x12340050,
    },
  },
  'TCP behind hop-by-hop, routing, destination options and authentication headers': {
    frame: `${MACS} ${IP6(8 + 24 + 16 + 24 + 20, '00')} 2b00010400000000 3c02000000000000 0000000000000000 0000000000000000
      3301 0104 00000000 0000000000000000 0604 0000 00000000 00000000 0000000000000000 00000000 ${TCP}`,
    key: {
      [K.KEY_TYPES]: types(K.FLOW_ETHER, K.FLOW_IP6, K.FLOW_TCP6),
      [K.KEY_PROTOCOL]: 6,
      [K.KEY_TRANSPORT]: 54 + 72,
      [K.KEY_PORTS]: 0x12340050,
      [K.KEY_FLAGS]: 0,
    },
  },
  'two VLAN tags': {
    frame: `${MACS} 88a8 6064 8100 0007 ${IP4({ length: 20, protocol: '06' })} ${TCP}`,
    key: {
      [K.KEY_TYPES]: types(K.FLOW_ETHER, K.FLOW_IP4, K.FLOW_TCP4),
      [K.KEY_VLANS]: 2,
      [K.KEY_VLAN_TCI]: 0x6064,
      [K.KEY_NETWORK]: 22,
      [K.KEY_ETHERTYPE]: 0x0800,
    },
  },
  'the first fragment of an IPv4 packet has no ports': {
    frame: `${MACS} ${IP4({ length: 20, protocol: '06', fragment: '2000' })} ${TCP}`,
    key: {
      [K.KEY_TYPES]: types(K.FLOW_ETHER, K.FLOW_IP4),
      [K.KEY_FLAGS]: K.KEY_FRAGMENT,
      [K.KEY_PORTS]: 0,
      [K.KEY_TRANSPORT]: 34,
    },
  },
  'a later fragment of an IPv4 packet has no transport header': {
    frame: `${MACS} ${IP4({ length: 20, protocol: '06', fragment: '0003' })} ${TCP}`,
    key: {
      [K.KEY_TYPES]: types(K.FLOW_ETHER, K.FLOW_IP4),
      [K.KEY_FLAGS]: K.KEY_FRAGMENT | K.KEY_LATER_FRAGMENT,
      [K.KEY_PORTS]: 0,
      [K.KEY_TRANSPORT]: 0,
      [K.KEY_PROTOCOL]: 6,
    },
  },
  'a later fragment of an IPv6 packet': {
    frame: `${MACS} ${IP6(8 + 20, '2c')} 0600 0009 00000001 ${TCP}`,
    key: {
      [K.KEY_TYPES]: types(K.FLOW_ETHER, K.FLOW_IP6),
      [K.KEY_FLAGS]: K.KEY_FRAGMENT | K.KEY_LATER_FRAGMENT,
      [K.KEY_PROTOCOL]: 6,
      [K.KEY_TRANSPORT]: 0,
    },
  },
  'ICMP: type and code': {
    frame: `${MACS} ${IP4({ length: 8, protocol: '01' })} 0301 0000 00000000`,
    key: {
      [K.KEY_TYPES]: types(K.FLOW_ETHER, K.FLOW_IP4),
      [K.KEY_PORTS]: 0x03010000,
      [K.KEY_PAYLOAD]: 42,
    },
  },
  ARP: {
    frame: `${MACS} 0806 0001 0800 06 04 0001 020304050607 c0000201 000000000000 c0000202`,
    key: { [K.KEY_TYPES]: types(K.FLOW_ETHER), [K.KEY_ETHERTYPE]: 0x0806, [K.KEY_NETWORK]: 0 },
  },
}

describe('headers are found', () => {
  test.each(Object.entries(VALID))('%s', (_, { frame, key: want }) => {
    const key = parse(hex(frame))
    expect(Object.fromEntries(Object.keys(want).map((word) => [word, key[Number(word)]]))).toEqual(want)
  })
})

describe('malformed frames are said to be so, and what came before stands', () => {
  const cases: Record<string, { frame: string; network?: number; transport?: number }> = {
    'shorter than an Ethernet header': { frame: MACS },
    'a VLAN tag cut short': { frame: `${MACS} 8100 0001` },
    'an IPv4 header cut short': { frame: `${MACS} 0800 45000014` },
    'an IPv4 header length below 5': {
      frame: `${MACS} ${IP4({ length: 20, protocol: '06' }).replace(' 45', ' 44')} ${TCP}`,
    },
    'the wrong IP version': { frame: `${MACS} ${IP4({ length: 20, protocol: '06' }).replace(' 45', ' 65')} ${TCP}` },
    'an IPv4 length below its header': {
      frame: `${MACS} ${IP4({ length: 20, protocol: '06' }).replace('b8 0028', 'b8 0013')} ${TCP}`,
      network: 14,
    },
    'a TCP header length below 5': {
      frame: `${MACS} ${IP4({ length: 20, protocol: '06' })} ${TCP.replace('5018', '4018')}`,
      network: 14,
      transport: 34,
    },
    'an extension header past the end': { frame: `${MACS} ${IP6(8, '00')} 06ff010400000000`, network: 14 },
    'an endless chain of extension headers': {
      frame: `${MACS} ${IP6(80, '3c')} ${'3c00010400000000'.repeat(10)}`,
      network: 14,
    },
  }
  test.each(Object.entries(cases))('%s', (_, { frame, network = 0, transport = 0 }) => {
    const key = parse(hex(frame))
    expect(key[K.KEY_FLAGS] & K.KEY_MALFORMED).toBe(K.KEY_MALFORMED)
    expect([key[K.KEY_NETWORK], key[K.KEY_TRANSPORT], key[K.KEY_PAYLOAD]]).toEqual([network, transport, 0])
  })
})

test('only bytes of the frame matter, and offsets stay inside it, for mutated and cut frames', () => {
  const valid = fc.constantFrom(...Object.values(VALID).map(({ frame }) => hex(frame)))
  const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) })
  const frames = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.tuple(valid, fc.array(mutation, { maxLength: 6 }), fc.nat()).map(([frame, mutations, cut]) => {
      const copy = frame.slice(0, frame.length - (cut % 3 === 0 ? cut % frame.length : 0))
      for (const { at, byte } of mutations) copy[at % copy.length] = byte
      return copy
    }),
  )
  fc.assert(
    fc.property(frames, fc.nat(9), (frame, offset) => {
      const parseAmong = (filler: number) => {
        const around = new Uint8Array(frame.length + 300).fill(filler)
        around.set(frame, offset)
        const key = K.flowKey()
        parseFlow(around, offset, frame.length, key)
        parseMacs(around, offset, frame.length, key)
        return key
      }
      const key = parseAmong(0)
      expect(parseAmong(0xff)).toEqual(key)
      for (const word of [K.KEY_NETWORK, K.KEY_TRANSPORT, K.KEY_PAYLOAD, K.KEY_END]) {
        expect(key[word]).toBeGreaterThanOrEqual(0)
        expect(key[word]).toBeLessThanOrEqual(frame.length)
      }
    }),
    { numRuns: 20_000 },
  )
})

test('MAC addresses', () => {
  const frame = hex(VALID.ARP.frame)
  const key = K.flowKey()
  parseMacs(frame, 0, frame.length, key)
  expect([...key.subarray(K.KEY_MACS)].map((word) => (word >>> 0).toString(16))).toEqual([
    'a0b0c0d',
    'e0f0203',
    '4050607',
    '0',
  ])
})
