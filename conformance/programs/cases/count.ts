import type { ProgramCase } from '../program-case.ts'
import { randomFrame } from '../random-frame.ts'

export const COUNT: ProgramCase = {
  object: 'count',
  programs: ['count', 'count', 'count', 'pass', 'drop'],
  frame: (chance) => randomFrame(chance, { sources: [1], dests: [2], sourcePorts: [3], destPorts: [4] }),
}
