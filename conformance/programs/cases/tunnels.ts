import type { Chance } from '../../differential/chance.ts'
import { address, bytes, ETH, ethernet, ipv4, PROTO, u16, u32, udp } from '../frame.ts'
import type { Element, ProgramCase } from '../program-case.ts'
import { randomFrame, randomIpv4, type Surroundings } from '../random-frame.ts'
import { le32, swapped32 } from '../values.ts'

const OWN = address('10.0.0.2')
const OTHER = address('10.0.0.3')
const INSIDE: Surroundings = {
  sources: ['10.244.0.5', '10.244.0.6'].map(address),
  dests: ['10.244.1.5', '10.244.1.6', '10.244.2.7', '10.9.9.9'].map(address),
  sourcePorts: [1000, 2000],
  destPorts: [80, 443],
}
const MAC = [2, 0, 0, 0, 0, 9]

const remote = (text: string, prefix: number, end: number, network: number): Element => [
  bytes(le32(prefix), u32(address(text))),
  bytes(u32(end), le32(network)),
]

const elements = () => ({
  remotes: [
    remote('10.244.1.0', 24, OTHER, 42),
    remote('10.244.2.0', 24, OTHER + 1, 43),
    remote('10.244.2.7', 32, OTHER + 2, 0xffffff),
  ],
})

/** A packet of the other end, carried in UDP to a port behind a header of the tunnel's own. */
function carried(chance: Chance, port: number, header: Uint8Array): Uint8Array {
  const type = chance.oneIn(10) ? ETH.ipv6 : ETH.ip
  const inner = ethernet(type, randomIpv4(chance, INSIDE), MAC, MAC)
  const ends = { source: OTHER, dest: chance.oneIn(8) ? OTHER : OWN, sourcePort: 50000, destPort: port }
  const outer = ipv4({ ...ends, protocol: PROTO.udp }, udp(ends, bytes(header, inner), false))
  const whole = ethernet(ETH.ip, outer, MAC, MAC)
  return chance.oneIn(10) ? whole.slice(0, 14 + chance.below(whole.length - 14)) : whole
}

const vxlan = (chance: Chance): Uint8Array =>
  bytes(u32(chance.oneIn(8) ? 0 : 0x0800_0000), u32((chance.pick([42, 43, 44]) << 8) >>> 0))

/** A header with up to four options, of which one may tell an identity, and now and then one that does not fit. */
function geneve(chance: Chance): Uint8Array {
  const options = Array.from({ length: chance.below(4) }, () => option(chance))
  const words = options.reduce((sum, o) => sum + o.length / 4, 0) + (chance.oneIn(12) ? 1 : 0)
  const flags = chance.oneIn(12) ? 0x40 : 0
  return bytes([words | flags, 0], u16(chance.oneIn(12) ? 0x0800 : 0x6558), u32(42 << 8), ...options)
}

function option(chance: Chance): Uint8Array {
  if (chance.oneIn(2)) return bytes(u16(0x0103), [7, 1], u32(chance.below(100000)))
  const words = chance.below(4)
  return bytes(u16(chance.below(0x10000)), [chance.below(256), words], new Uint8Array(words * 4))
}

const tunnel = (object: string, port: number, header: (chance: Chance) => Uint8Array): ProgramCase => ({
  object,
  programs: ['encapsulate', 'decapsulate'],
  constants: { own_address: swapped32(OWN) },
  elements,
  frame: (chance) => (chance.oneIn(2) ? randomFrame(chance, INSIDE) : carried(chance, port, header(chance))),
})

export const VXLAN = tunnel('vxlan', 4789, vxlan)
export const GENEVE = tunnel('geneve', 6081, geneve)
