import { jumpTarget } from '../isa/code.ts'
import type { Call, PacketLoad } from '../isa/op.ts'
import { BpfFault } from '../run/fault.ts'
import { type Helper, TAIL_CALL } from '../run/helper.ts'
import { MAX_TAIL_CALLS } from '../run/limits.ts'
import type { Machine } from '../run/machine.ts'
import { MAP_HEADER } from '../run/map-header.ts'
import type { Execution } from './execution.ts'

const low = (x: bigint): number => Number(BigInt.asIntN(32, x))
const high = (x: bigint): number => Number(BigInt.asIntN(32, x >> 32n))

/** @param invoke calls back while a body runs. */
export function call(x: Execution, op: Call, slot: number, invoke: Machine['invoke']): void {
  const { code } = x.frame.program
  if (op.callee === 'subprogram') x.call(slot, jumpTarget(code, slot))
  else if (op.callee === 'helper' && code.imm[slot] === TAIL_CALL) tailCall(x, slot)
  else callBody(x, op.callee, slot, invoke)
}

function callBody(x: Execution, callee: 'helper' | 'kfunc', slot: number, invoke: Machine['invoke']): void {
  const { machine } = x.run
  const helper = (callee === 'helper' ? machine.helpers : machine.kfuncs).get(x.frame.program.code.imm[slot])
  if (!helper) throw new BpfFault('helper', slot)
  const outer = machine.invoke
  machine.invoke = invoke
  try {
    x.reg[0] = result(helper, helper.body(...passed(x, helper)), machine)
  } finally {
    machine.invoke = outer
  }
}

/** Arguments as the body takes them: int32, two for each `u64`. */
function passed(x: Execution, helper: Helper): number[] {
  return helper.args.flatMap((passing, i) => {
    const value = i < 5 ? x.reg[1 + i] : x.frame.outgoing[i - 5]
    return passing === 'u64' ? [low(value), high(value)] : [low(value)]
  })
}

function result(helper: Helper, returned: number, machine: Machine): bigint {
  switch (helper.returns) {
    case 's32':
      return BigInt.asUintN(64, BigInt(returned | 0))
    case 'u32':
      return BigInt(returned >>> 0)
    case 'u64':
      return resultCell(machine)
    case 'void':
      return 0n
  }
}

const resultCell = (machine: Machine): bigint =>
  new DataView(machine.memory.buffer).getBigUint64(machine.resultCell, true)

function tailCall(x: Execution, slot: number): void {
  const { run, reg } = x
  const u32 = (address: bigint): bigint => run.memory.read(address, 4, undefined, slot)
  const index = BigInt.asUintN(32, reg[3])
  reg[0] = 0n
  if (run.tailCalls === MAX_TAIL_CALLS || index >= u32(reg[2] + BigInt(MAP_HEADER.MAX_ENTRIES))) return
  const number = u32(u32(reg[2] + BigInt(MAP_HEADER.VALUES)) + 4n * index)
  const target = run.programs.get(Number(number))
  if (!target) return
  run.tailCalls++
  x.become(target)
}

export function packetLoad(x: Execution, op: PacketLoad, slot: number): void {
  const { imm, src } = x.frame.program.code
  const { machine } = x.run
  if (!machine.packetLoad) throw new BpfFault('instruction', slot)
  const offset = (op.at === 'ind' ? low(x.reg[src[slot]]) : 0) + imm[slot]
  if (machine.packetLoad(low(x.reg[6]), offset | 0, op.bytes)) {
    x.reg[0] = resultCell(machine)
    return
  }
  x.reg[0] = 0n
  x.exit()
}
