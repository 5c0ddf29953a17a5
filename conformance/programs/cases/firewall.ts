import { address, bytes, PROTO, u16, u32 } from '../frame.ts'
import type { Element, ProgramCase } from '../program-case.ts'
import { randomFrame } from '../random-frame.ts'
import { le32 } from '../values.ts'

const SOURCES = ['10.0.0.1', '10.0.0.77', '10.0.1.1', '10.1.2.3', '192.168.1.1', '192.168.1.130', '172.16.9.9'].map(
  address,
)
const DESTS = ['10.9.0.1', '10.9.0.2'].map(address)
const SOURCE_PORTS = [1000, 2000, 3000]
const DEST_PORTS = [22, 53, 80, 443, 8080]
const SOURCES6 = [0, 1, 2, 3].map((n) => bytes([0x20, 0x01, 0x0d, 0xb8, 0, n, 0, 0], u32(0), u32(n + 1)))
const ALLOW = 1
const REFUSE = 2

const network = (text: string, prefix: number, rule: number): Element => [
  bytes(le32(prefix), u32(address(text))),
  le32(rule, 0),
]
const network6 = (n: number, prefix: number, rule: number): Element => [bytes(le32(prefix), SOURCES6[n]), le32(rule, 0)]

export const FIREWALL: ProgramCase = {
  object: 'firewall',
  programs: ['firewall'],
  elements: (chance) => ({
    networks: [
      network('10.0.0.0', 8, ALLOW),
      network('10.0.0.0', 24, REFUSE),
      network('10.0.0.64', 26, ALLOW),
      network('192.168.1.128', 25, REFUSE),
      network('172.16.9.9', 32, REFUSE),
      network('0.0.0.0', 0, 0),
    ],
    networks6: [network6(0, 48, REFUSE), network6(1, 64, ALLOW), network6(2, 128, REFUSE)],
    flows: Array.from(
      { length: 120 },
      (): Element => [
        bytes(
          u32(chance.pick(SOURCES)),
          u32(chance.pick(DESTS)),
          u16(chance.pick(SOURCE_PORTS)),
          u16(chance.pick(DEST_PORTS)),
          [chance.pick([PROTO.udp, PROTO.tcp]), 0, 0, 0],
        ),
        le32(chance.pick([ALLOW, REFUSE]), 0),
      ],
    ),
  }),
  frame: (chance) =>
    randomFrame(chance, {
      sources: SOURCES,
      dests: DESTS,
      sourcePorts: SOURCE_PORTS,
      destPorts: DEST_PORTS,
      sources6: SOURCES6,
    }),
}
