import { PROTO } from '../frame.ts'
import type { Element, ProgramCase } from '../program-case.ts'
import { randomFrame } from '../random-frame.ts'
import { le32 } from '../values.ts'

export const PIPELINE: ProgramCase = {
  object: 'pipeline',
  programs: ['parse'],
  stages: { stages: ['parse', 'untag', 'policy', 'mark'] },
  elements: () => ({
    classes: [PROTO.udp, PROTO.tcp, PROTO.gre].map((protocol): Element => [le32(protocol), le32(protocol * 3)]),
  }),
  frame: (chance) => randomFrame(chance, { sources: [1], dests: [2], sourcePorts: [3], destPorts: [4] }),
}
