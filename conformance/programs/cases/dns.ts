import type { Chance } from '../../differential/chance.ts'
import { address, bytes, u16 } from '../frame.ts'
import type { Element, ProgramCase } from '../program-case.ts'
import { randomFrame } from '../random-frame.ts'
import { le32, le64 } from '../values.ts'

const NAMES = [
  'example.com',
  'www.Example.com',
  'ads.tracker.net',
  'tracker.net',
  'a.b.c.d.e.f',
  'kubernetes.default.svc',
  '',
]
const TYPES = [1, 28, 15, 255]

const label = (text: string): Uint8Array => bytes([text.length], new TextEncoder().encode(text))
const name = (text: string): Uint8Array => bytes(...(text === '' ? [] : text.split('.').map(label)), [0])

function request(chance: Chance): Uint8Array {
  const flags = chance.oneIn(10) ? 0x8180 : 0x0100
  const questions = chance.oneIn(12) ? chance.below(4) : 1
  const long = Array.from({ length: 8 }, () => 'x'.repeat(1 + chance.below(20))).join('.')
  const asked = chance.oneIn(15) ? long : chance.pick(NAMES)
  const pointer = chance.oneIn(20) ? bytes([0xc0, 12]) : name(asked)
  return bytes(
    u16(chance.below(65536)),
    u16(flags),
    u16(questions),
    u16(0),
    u16(0),
    u16(0),
    pointer,
    u16(chance.pick(TYPES)),
    u16(1),
  )
}

/** As the program hashes a domain: from its end, a dot before each label. */
function blocked(domain: string): Element {
  let hash = 0x811c9dc5
  for (const c of [...`.${domain}`].reverse().slice(0, -1)) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193)
  return [le32(hash >>> 0), le64(0)]
}

export const DNS: ProgramCase = {
  object: 'dns',
  programs: ['dns'],
  elements: () => ({ blocked: [blocked('tracker.net'), blocked('svc')] }),
  volatile: { scratch: 'holds what the CPU has read last, and the programs run on any' },
  frame: (chance) =>
    randomFrame(chance, {
      sources: [address('10.244.0.5'), address('10.244.0.6')],
      dests: [address('10.96.0.10')],
      sourcePorts: [40000, 40001],
      destPorts: [53, 53, 53, 5353],
      payload: request,
    }),
}
