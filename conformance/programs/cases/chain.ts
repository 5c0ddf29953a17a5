import type { Element, ProgramCase } from '../program-case.ts'
import { randomFrame } from '../random-frame.ts'
import { le16, le32 } from '../values.ts'

const CLASSES: readonly (readonly [port: number, cls: number])[] = [
  [80, 2],
  [443, 2],
  [873, 3],
  [179, 1],
]

export const CHAIN: ProgramCase = {
  object: 'chain',
  programs: ['classify', 'enforce', 'observe'],
  inTurn: true,
  elements: () => ({ ports_of_classes: CLASSES.map(([port, cls]): Element => [le16(port), le32(cls)]) }),
  frame: (chance) =>
    randomFrame(chance, {
      sources: [1, 2],
      dests: [3],
      sourcePorts: [80, 443, 873, 179, 1000],
      destPorts: [80, 443, 873, 179, 1000],
    }),
}
