import { address, bytes, u32 } from '../frame.ts'
import type { Element, ProgramCase } from '../program-case.ts'
import { randomFrame } from '../random-frame.ts'
import { le32 } from '../values.ts'

const PODS = ['10.244.0.5', '10.244.0.6', '10.244.0.7'].map(address)

export const POD_REDIRECT: ProgramCase = {
  object: 'pod_redirect',
  programs: ['from_nic', 'from_pod'],
  constants: { nic: 1 },
  elements: () => ({
    pods: PODS.map((pod, i): Element => [bytes(u32(pod)), bytes(le32(1), [2, 0, 0, 0, 1, i, 0, 0])]),
  }),
  frame: (chance) =>
    randomFrame(chance, {
      sources: [address('192.0.2.1'), ...PODS],
      dests: [...PODS, address('192.0.2.1')],
      sourcePorts: [1000],
      destPorts: [80],
    }),
}
