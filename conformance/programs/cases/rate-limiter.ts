import { address } from '../frame.ts'
import type { ProgramCase } from '../program-case.ts'
import { randomFrame } from '../random-frame.ts'

/**
 * A byte in a million seconds: nothing comes back while the packets run, so that what is refused does not depend on when they
 * run. What `pace` says depends on it in any case: only `police` runs.
 */
export const RATE_LIMITER: ProgramCase = {
  object: 'rate_limiter',
  programs: ['police'],
  constants: { rate: 0, burst: 20000 },
  frame: (chance) =>
    randomFrame(chance, {
      sources: Array.from({ length: 60 }, (_, i) => address('10.0.0.0') + i),
      dests: [address('10.9.0.1')],
      sourcePorts: [1],
      destPorts: [2],
    }),
  volatile: { buckets: 'holds the time of its last change' },
}
