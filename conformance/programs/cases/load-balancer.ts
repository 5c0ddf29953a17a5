import { address, bytes, PROTO, u16, u32 } from '../frame.ts'
import type { Element, ProgramCase } from '../program-case.ts'
import { randomFrame } from '../random-frame.ts'
import { le32, le64, swapped32 } from '../values.ts'

const SLOTS = 251
const SERVICES = ['10.96.0.1', '10.96.0.10'].map(address)
const PORTS = [53, 443]
const BACKENDS = 7

const service = (number: number, port: number, protocol: number, flags: number): Element => [
  bytes(u32(SERVICES[number & 1]), u16(port), [protocol, 0]),
  le32(number, flags),
]

export const LOAD_BALANCER: ProgramCase = {
  object: 'load_balancer',
  programs: ['balance'],
  constants: { own_address: swapped32(address('10.0.0.2')) },
  elements: (chance) => ({
    services: [
      service(0, 443, PROTO.tcp, 0),
      service(1, 53, PROTO.udp, 1),
      service(2, 53, PROTO.udp, 0),
      service(3, 53, PROTO.tcp, 0),
    ],
    slots: Array.from({ length: 4 * SLOTS }, (_, i): Element => [le32(i), le32(chance.below(BACKENDS + 1))]),
    // The last one has no address: it is gone.
    backends: Array.from(
      { length: BACKENDS },
      (_, i): Element => [le32(i), bytes(u32(address('10.244.0.10') + i), le32(0), le64(0, 0))],
    ),
  }),
  frame: (chance) =>
    randomFrame(chance, {
      sources: Array.from({ length: 50 }, (_, i) => address('192.0.2.0') + i),
      dests: SERVICES,
      sourcePorts: Array.from({ length: 100 }, (_, i) => 30000 + i),
      destPorts: PORTS,
    }),
}
