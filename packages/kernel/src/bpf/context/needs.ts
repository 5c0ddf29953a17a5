import { type Code, opAt, PROG_TYPE, TAIL_CALL, type VerifiedFacts } from '@netkit/bpf'
import type { ProgramNeeds } from '../../net/device-programs.ts'
import { SK_BUFF_GROUPS } from './sk-buff.ts'
import { XDP_MD_GROUPS } from './xdp-md.ts'

/** What any program of a type that was ever loaded needs: programs that make tail calls end up in one of them. */
class CommonNeeds implements ProgramNeeds {
  isNone = true
  fills = 0
  takes = 0
  owns = false
  readsClock = false

  add({ isNone, fills, takes, owns, readsClock }: ProgramNeeds): void {
    this.isNone &&= isNone
    this.fills |= fills
    this.takes |= takes
    this.owns ||= owns
    this.readsClock ||= readsClock
  }
}

/** What programs need around their runs, of one kernel. */
export class NeedsOfPrograms {
  readonly #skBuff = new CommonNeeds()
  readonly #xdpMd = new CommonNeeds()

  /** What a program needs that was verified: worked out once, when it is loaded. */
  of(type: number, code: Code, { contextReads, contextWrites, writesPacket }: VerifiedFacts): ProgramNeeds {
    const isXdp = type === PROG_TYPE.xdp
    const groups = isXdp ? XDP_MD_GROUPS : SK_BUFF_GROUPS
    const union = (fields: Iterable<{ readonly name: string }>): number =>
      [...fields].reduce((bits, { name }) => bits | groups[name], 0)
    const takes = union(contextWrites)
    // What is taken back must be there also where the program leaves it alone.
    const fills = union(contextReads) | takes
    const owns = writesPacket && !isXdp
    const needs: ProgramNeeds = {
      isNone: fills === 0 && !owns,
      fills,
      takes,
      owns,
      readsClock: [...contextReads].some(({ name }) => name === 'tstamp_type'),
    }
    const common = isXdp ? this.#xdpMd : this.#skBuff
    common.add(needs)
    return makesTailCalls(code) ? common : needs
  }
}

function makesTailCalls(code: Code): boolean {
  for (let slot = 0; slot < code.length; slot++) {
    const op = opAt(code, slot)
    if (op.kind === 'call' && op.callee === 'helper' && code.imm[slot] === TAIL_CALL) return true
  }
  return false
}
