import { address } from '../frame.ts'
import type { ProgramCase } from '../program-case.ts'
import { randomFrame } from '../random-frame.ts'
import { swapped32 } from '../values.ts'

const POD = address('10.244.0.5')
const NODE = address('10.0.0.1')
const SERVERS = ['1.1.1.1', '8.8.8.8', '93.184.216.34'].map(address)
const POD_PORTS = [40000, 40001, 40002, 40003]
const SERVER_PORTS = [53, 443]
/** Those that the hash of the flows gives often enough to be met again. */
const NODE_PORTS = Array.from({ length: 28232 }, (_, i) => 32768 + i)

export const NAT: ProgramCase = {
  object: 'nat',
  programs: ['snat', 'dnat'],
  constants: { node_address: swapped32(NODE) },
  frame: (chance) =>
    chance.oneIn(2)
      ? randomFrame(chance, { sources: [POD], dests: SERVERS, sourcePorts: POD_PORTS, destPorts: SERVER_PORTS })
      : randomFrame(chance, { sources: SERVERS, dests: [NODE], sourcePorts: SERVER_PORTS, destPorts: NODE_PORTS }),
}
