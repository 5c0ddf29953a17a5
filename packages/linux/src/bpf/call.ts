import { BPF_COMMANDS } from '@netkit/bpf'
import { errno, KernelError } from '@netkit/netlink'
import type { Calls } from '../ffi/calls.ts'
import { NR_BPF } from '../ffi/numbers.ts'

const C = BPF_COMMANDS
const NAMES: ReadonlyMap<number, string> = new Map(Object.values(C).map(({ id, c }) => [id, c]))

/** Commands that return a new descriptor; the others return 0. Source: spec 02 §2.1. */
const OPENS: ReadonlySet<number> = new Set([
  ...[C.mapCreate, C.progLoad, C.objGet, C.progGetFdById, C.mapGetFdById, C.btfLoad, C.btfGetFdById].map(
    ({ id }) => id,
  ),
  ...[C.linkCreate, C.linkGetFdById, C.enableStats, C.rawTracepointOpen, C.iterCreate, C.tokenCreate].map(
    ({ id }) => id,
  ),
])
export const opensFile = (command: number): boolean => OPENS.has(command)

/** Times that loading is tried again while signals interrupt it. */
const TRIES = 5

/** bpf(2) of this machine in this thread's network namespace. Throws KernelError. */
export function bpfCall(c: Calls, command: number, attr: Uint8Array): number {
  for (let tries = 1; ; tries++) {
    const result = c.bpf(NR_BPF[process.arch], command, attr, attr.length)
    if (result >= 0) return result
    const number = c.errno()
    if (number === errno.EAGAIN && command === C.progLoad.id && tries < TRIES) continue
    throw new KernelError({ op: `bpf command ${NAMES.get(command) ?? command}`, errno: number })
  }
}
