import { PROG_TYPE } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import { programAt } from '../call/files.ts'
import type { BpfProgram } from '../objects/program.ts'
import type { TestCall } from '../test-run/exchange.ts'
import { testSkb } from '../test-run/skb.ts'
import { testXdp } from '../test-run/xdp.ts'

/** Who runs programs of a type once without a device. */
const RUNS: ReadonlyMap<number, (call: TestCall, program: BpfProgram) => number> = new Map([
  [PROG_TYPE.schedCls, testSkb],
  [PROG_TYPE.schedAct, testSkb],
  [PROG_TYPE.xdp, testXdp],
])

/** Runs a program over bytes of the client's. Source: spec 02 §3.8. */
export function testRun(call: TestCall): number {
  const { attr, process } = call
  if ((attr.ctxSizeIn !== 0) !== (attr.ctxIn !== 0n)) return -errno.EINVAL
  if ((attr.ctxSizeOut !== 0) !== (attr.ctxOut !== 0n)) return -errno.EINVAL
  const program = programAt(process, attr.progFd)
  if (typeof program === 'number') return program
  return RUNS.get(program.type)?.(call, program) ?? -errno.ENOTSUPP
}
