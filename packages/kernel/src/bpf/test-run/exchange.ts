import type { BPF_COMMANDS } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'

export type TestCall = BpfCall<(typeof BPF_COMMANDS.progTestRun)['attr']['members']>

/** The context that the client gives, filled up with zeros; undefined if it neither gives nor wants one. E2BIG, EFAULT. */
export function contextIn({ attr, memory }: TestCall, size: number): Uint8Array | number | undefined {
  if (attr.ctxIn === 0n && attr.ctxOut === 0n) return undefined
  const context = new Uint8Array(size)
  if (attr.ctxIn === 0n) return context
  const given = memory.at(attr.ctxIn, attr.ctxSizeIn)
  if (!given) return -errno.EFAULT
  if (given.subarray(size).some((byte) => byte !== 0)) return -errno.E2BIG
  context.set(given.subarray(0, size))
  return context
}

/** What a run gave. */
export interface Outcome {
  readonly data: Uint8Array
  /** The low 32 bits of R0. */
  readonly verdict: number
  /** ns of one run, on average. */
  readonly duration: number
}

/** Gives the packet, the verdict and the time to the client. ENOSPC: the packet was cut off, all else is there. */
function giveOutcome(call: TestCall, { data, verdict, duration }: Outcome): number {
  const { attr, memory } = call
  const isCut = attr.dataSizeOut !== 0 && data.length > attr.dataSizeOut
  const bytes = isCut ? attr.dataSizeOut : data.length
  if (attr.dataOut !== 0n) {
    const to = memory.at(attr.dataOut, bytes)
    if (!to) return -errno.EFAULT
    to.set(data.subarray(0, bytes))
  }
  call.write({ dataSizeOut: data.length, retval: verdict >>> 0, duration })
  return isCut ? -errno.ENOSPC : 0
}

/** As {@link giveOutcome}, and the context if that went well. */
export function finish(call: TestCall, outcome: Outcome, context: Uint8Array | undefined): number {
  const { attr, memory } = call
  const error = giveOutcome(call, outcome)
  if (error !== 0 || !context || attr.ctxOut === 0n) return error
  const bytes = Math.min(context.length, attr.ctxSizeOut)
  const to = memory.at(attr.ctxOut, bytes)
  if (!to) return -errno.EFAULT
  to.set(context.subarray(0, bytes))
  call.write({ ctxSizeOut: context.length })
  return bytes < context.length ? -errno.ENOSPC : 0
}
