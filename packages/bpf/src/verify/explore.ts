import { helperName } from '../helpers/names.ts'
import { jumpTarget, opAt } from '../isa/code.ts'
import { FRAME_REGISTER } from '../isa/encoding.ts'
import type { Op } from '../isa/op.ts'
import { MAX_FRAMES } from '../run/limits.ts'
import { checkAtomic, load, store } from './access.ts'
import { calculate, moveSigned, negate, swap } from './arithmetic.ts'
import { branch } from './branch.ts'
import { callFunction, helperAt } from './call.ts'
import { argumentsOf, callGlobal, type GlobalFunction, globalAt } from './global.ts'
import { inherit } from './inherit.ts'
import { drain } from './iterator.ts'
import { kernelSymbol, kfuncAt } from './kfunc.ts'
import { liveRegisters } from './live.ts'
import { closePath, echo } from './loops.ts'
import type { Point } from './point.ts'
import { bounded, ofBytes } from './ranges.ts'
import { E2BIG, EFAULT, ENOTSUPP, invalid, Refusal } from './refusal.ts'
import { constant, isNumber, NONE, number, pointer, type Reg, typeName, UNKNOWN_SCALAR } from './reg.ts'
import { StateComparison } from './same.ts'
import { changeSections, refuseOpenSections } from './sections.ts'
import { type Callback, Frame, State } from './state.ts'
import type { Verification } from './verification.ts'

/** Instructions that are looked at before a program counts as too large. */
export const COMPLEXITY_LIMIT = 1_000_000

/** Paths that are put off at once, at most. */
const MOST_OPEN = 8192
/** A state that did not help so many times more often than it did is not compared with any more. */
const PATIENCE = 3
/** The same where a round of a loop begins. */
const ROUND_PATIENCE = 64
/** Instructions after which a program is more likely to be too large than to come round: no more patience is wasted on it. */
const LONG = 100_000

/** In place of states that nobody is compared with any more: paths that go on from them are many. */
const FORGOTTEN = State.start(0, [])

/** A loop that ends in its own time, where a path comes to its beginning. */
interface Loop {
  /** As it was there before. */
  readonly last: State | undefined
}

/** A path that is still to be followed. */
interface Path {
  readonly slot: number
  readonly state: State
  readonly point: Point | undefined
  readonly written: bigint[]
  /** Where the log is that leads here. */
  readonly entries: number
  /** Slot of the instruction at which it was put off. */
  readonly from: number
}

/** Follows all paths through a program. */
export class Exploration {
  readonly #v: Verification
  readonly #open: Path[] = []
  readonly #points = new Map<number, Point[]>()
  /** States in which a helper's callback was begun, by the slot of the call. */
  readonly #rounds = new Map<number, Point[]>()
  readonly #joins: Uint8Array
  readonly #live: Uint16Array
  readonly #comparison: StateComparison
  /** Global functions that somebody calls, and the one that is verified. */
  readonly #globals = new Set<GlobalFunction>()
  #root: GlobalFunction | undefined
  #sinceBranches = 0
  #sinceInstructions = 0
  looked = 0
  /** States that were kept: in all, at most at once, and at most at one instruction. */
  states = 0
  mostStates = 0
  mostStatesHere = 0
  #statesNow = 0

  constructor(v: Verification) {
    this.#v = v
    this.#live = liveRegisters(v.code, (slot) => arity(v, slot))
    this.#comparison = new StateComparison(this.#live)
    this.#joins = joinsOf(v)
  }

  /** Throws a Refusal at the first thing that is not allowed on any path. */
  run(): void {
    this.#arrive(-1)
    this.#followAll()
    // Grows while it is walked: functions that others call are verified after them.
    for (const callee of this.#globals) {
      const v = this.#v
      v.say(`Validating ${callee.name}() func#${callee.index}...`)
      this.#root = callee
      v.slot = callee.start
      v.state = State.start(callee.start, argumentsOf(v, callee))
      v.point = undefined
      v.written = []
      this.#arrive(-1)
      this.#followAll()
      v.say(`Func#${callee.index} ('${callee.name}') is safe for any args that match its prototype`)
    }
  }

  #arrive(from: number): void {
    const v = this.#v
    if (v.input.logLevel > 0) v.log.push({ from, to: v.slot, state: v.state.copy() })
  }

  #followAll(): void {
    this.#follow()
    for (let path = this.#open.pop(); path; path = this.#open.pop()) {
      const v = this.#v
      v.slot = path.slot
      v.state = path.state
      v.point = path.point
      v.written = path.written
      v.log.returnTo(path.entries)
      this.#arrive(path.from)
      this.#follow()
    }
  }

  #follow(): void {
    const v = this.#v
    while (true) {
      if (++this.looked > COMPLEXITY_LIMIT) {
        throw new Refusal(E2BIG, `BPF program is too large. Processed ${this.looked} insn`)
      }
      this.#sinceInstructions++
      if (this.#joins[v.slot] !== 0 && this.#wasHere()) break
      v.sayStep()
      const next = this.#step(v.op)
      if (next < 0) break
      v.slot = next
    }
    closePath(v.point, this.#live)
  }

  /** Whether what can follow was looked at already. Keeps the state if not, now and then. */
  #wasHere(): boolean {
    const v = this.#v
    const { slot, state } = v
    const points = this.#points.get(slot) ?? []
    let keeps = this.#sinceBranches >= 2 && this.#sinceInstructions >= 8
    // The newest first: after a detour, the way goes on as it did just before.
    for (let n = points.length - 1; n >= 0; n--) {
      const point = points[n]
      if (point.open === 0) {
        if (this.#isCovered(point)) return true
        continue
      }
      // Paths are followed depth first: what is not closed lies on this one.
      if (this.#comparison.stands(point, state, 'equal')) throw invalid(`infinite loop detected at insn ${slot}`)
      // Rounds of a loop that gets on differ: few of their states help.
      const loops = point.state.frames.length === state.frames.length
      if (loops && this.#sinceBranches < 6 && this.#sinceInstructions < 30) keeps = false
    }
    if (keeps) this.#keep(this.#points, points, PATIENCE)
    return false
  }

  /** Whether what follows a point that was kept is all that can follow here. */
  #isCovered(point: Point): boolean {
    const v = this.#v
    const isSettled = point.open === 0 && !point.awaits
    if (!this.#comparison.stands(point, v.state, isSettled ? 'covered' : 'within')) return false
    point.hits++
    inherit(point, v.state, v, this.#live)
    if (!isSettled) echo({ target: point, state: v.state, point: v.point, written: v.written })
    return true
  }

  /** Keeps the state, in place of those at the slot that did not help. */
  #keep(table: Map<number, Point[]>, list: Point[], patience: number): void {
    const v = this.#v
    let count = 0
    for (const point of list) {
      if (++point.misses <= (point.hits + 1) * patience) list[count++] = point
      else if (point.hits === 0) point.state = FORGOTTEN
    }
    this.#statesNow += count + 1 - list.length
    this.mostStates = Math.max(this.mostStates, this.#statesNow)
    this.mostStatesHere = Math.max(this.mostStatesHere, count + 1)
    list.length = count
    if (count === 0) table.set(v.slot, list)
    v.point = pointHere(v)
    list.push(v.point)
    v.written = []
    this.states++
    this.#sinceBranches = 0
    this.#sinceInstructions = 0
  }

  /** Puts off a path. */
  #later(slot: number, state: State): void {
    const v = this.#v
    if (this.#open.length >= MOST_OPEN) {
      throw new Refusal(EFAULT, `The sequence of ${MOST_OPEN + 1} jumps is too complex.`)
    }
    if (v.point) v.point.open++
    this.#open.push({ slot, state, point: v.point, written: v.written.slice(), entries: v.log.position, from: v.slot })
  }

  /** Looks at one instruction; the slot that comes next, -1 if the path ends. */
  #step(op: Op): number {
    const v = this.#v
    const { code, slot } = v
    const dst = code.dst[slot]
    const src = code.src[slot]
    const off = code.off[slot]
    switch (op.kind) {
      case 'alu':
        calculate(v, op)
        break
      case 'neg':
        negate(v, op.width)
        break
      case 'swap':
        swap(v, op.order, op.width)
        break
      case 'movsx':
        moveSigned(v, op.from, op.width)
        break
      case 'const':
        return this.#constant(op.pseudo)
      case 'load':
        v.write(dst, load(v, { r: src, off, size: op.bytes, signed: op.signed }))
        break
      case 'loadAcquire':
        checkAtomic(v, { r: src, off, size: op.bytes })
        v.write(dst, load(v, { r: src, off, size: op.bytes }))
        break
      case 'store':
        store(
          v,
          { r: dst, off, size: op.bytes, from: src },
          op.operand === 'reg' ? v.read(src) : constant(code.imm[slot]),
        )
        return slot + 1
      case 'storeRelease':
        checkAtomic(v, { r: dst, off, size: op.bytes })
        store(v, { r: dst, off, size: op.bytes }, v.read(src))
        return slot + 1
      case 'atomic':
        this.#atomic(op.operator === 'cmpxchg', op.fetch, op.bytes)
        return slot + 1
      case 'packet':
        this.#packet(op.at, op.bytes)
        break
      case 'goto':
        this.#sinceBranches++
        return jumpTarget(code, slot)
      case 'branch':
        return this.#branch(op)
      case 'mayGoto':
        return this.#mayGoto()
      case 'call':
        return this.#call(op.callee)
      case 'exit':
        return this.#exit()
      default:
        throw new Refusal(ENOTSUPP, `${op.name} is not supported here`)
    }
    v.sayResult(touchedBy(op, dst, src))
    return slot + 1
  }

  #constant(pseudo: string): number {
    const v = this.#v
    const { code, slot } = v
    const dst = code.dst[slot]
    const high = BigInt(code.imm[slot + 1] >>> 0)
    const resolved = v.input.resolved.get(slot)
    if (pseudo === 'number') v.write(dst, constant((high << 32n) | BigInt(code.imm[slot] >>> 0)))
    else if (pseudo === 'function' && !v.input.types?.functions.length) throw invalid('missing btf func_info')
    else if (pseudo === 'function') v.write(dst, pointer('func', { frame: jumpTarget(code, slot) }))
    else if (resolved?.kind === 'map') v.write(dst, pointer('map_ptr', { map: resolved.map }))
    else if (resolved?.kind === 'mapValue')
      v.write(dst, pointer('map_value', { map: resolved.map, off: resolved.offset }))
    else if (pseudo === 'variable') v.write(dst, kernelSymbol(code.imm[slot]))
    else throw invalid('unrecognized bpf_ld_imm64 insn')
    v.sayResult(1 << dst)
    return slot + 2
  }

  #atomic(compares: boolean, fetch: boolean, size: 4 | 8): void {
    const v = this.#v
    const { code, slot } = v
    const access = { r: code.dst[slot], off: code.off[slot], size }
    const value = v.read(code.src[slot])
    if (compares) v.read(0)
    if (!isNumber(value)) v.keepSecret(code.src[slot], `R${code.src[slot]} leaks addr into mem`)
    checkAtomic(v, access)
    const old = load(v, access)
    store(v, access, number(ofBytes(size)))
    if (compares) v.write(0, isNumber(old) ? number(ofBytes(size)) : UNKNOWN_SCALAR)
    else if (fetch) v.write(code.src[slot], number(ofBytes(size)))
  }

  #packet(at: 'abs' | 'ind', size: 1 | 2 | 4): void {
    const v = this.#v
    if (v.read(6).type !== 'ctx') throw invalid('at the time of BPF_LD_ABS|IND R6 != pointer to skb')
    if (at === 'ind') v.read(v.code.src[v.slot])
    refuseOpenSections(v.state, 'BPF_LD_[ABS|IND]')
    if (v.state.refs.length > 0) throw unreleased(v.state)
    // What is not there ends the function with 0.
    for (let r = 1; r <= 5; r++) v.regs[r] = NONE
    v.regs[0] = number(ofBytes(size))
  }

  #branch(op: Extract<Op, { kind: 'branch' }>): number {
    const v = this.#v
    const { slot, code } = v
    this.#sinceBranches++
    const { taken, passed } = branch(v, op)
    const target = jumpTarget(code, slot)
    if (taken && passed) {
      this.#later(target, taken)
      v.state = passed
      return slot + 1
    }
    v.state = (taken ?? passed) as State
    return taken ? target : slot + 1
  }

  /** Leaves the loop when the budget is used up, or goes on later. */
  #mayGoto(): number {
    const v = this.#v
    const { slot, code } = v
    const loop = this.#comeAround()
    if (!loop) return -1
    this.#goRound(loop, slot + 1, v.state.copy())
    return jumpTarget(code, slot)
  }

  /** Comes to where a loop begins that ends in its own time. Undefined: all that can follow was looked at. */
  #comeAround(): Loop | undefined {
    const v = this.#v
    const { slot } = v
    const rounds = this.#rounds.get(slot) ?? []
    for (let n = rounds.length - 1; n >= 0; n--) if (this.#isCovered(rounds[n])) return undefined
    let n = rounds.length - 1
    while (n >= 0 && (rounds[n].open === 0 || rounds[n].state.depth !== v.state.depth)) n--
    const last = rounds[n]
    this.#keep(this.#rounds, rounds, this.looked < LONG ? ROUND_PATIENCE : PATIENCE)
    return { last: last?.state }
  }

  /** Puts off another round of a loop, in a state in which what changes from round to round is forgotten. */
  #goRound({ last }: Loop, start: number, state: State): void {
    if (last) widen(last, state)
    state.rounds++
    this.#later(start, state)
  }

  #call(callee: 'helper' | 'subprogram' | 'kfunc'): number {
    const v = this.#v
    const { slot, code } = v
    this.#sinceBranches++
    if (callee === 'subprogram') return this.#callSubprogram(jumpTarget(code, slot), slot)
    if (callee === 'kfunc') return this.#callKfunc(slot)
    const before = v.regs.slice()
    const facts = callFunction(v, helperAt(v, slot), true)
    v.sayResult(1)
    if (facts.callback < 0) return slot + 1
    if (facts.timer) {
      this.#callLater(facts.callback, facts.timer)
      return slot + 1
    }
    return this.#callBack(slot, facts.callback, before)
  }

  #callSubprogram(start: number, slot: number): number {
    const v = this.#v
    const callee = globalAt(v, start)
    if (callee) {
      callGlobal(v, callee)
      this.#globals.add(callee)
      return slot + 1
    }
    const args = v.regs.slice(1, 6)
    for (let r = 0; r <= 5; r++) v.regs[r] = NONE
    return this.#enter(start, slot, args, undefined)
  }

  #callKfunc(slot: number): number {
    const v = this.#v
    const callee = kfuncAt(v, slot)
    const loop = callee.name === 'bpf_iter_num_next' ? this.#comeAround() : undefined
    if (callee.name === 'bpf_iter_num_next' && !loop) return -1
    const facts = callFunction(v, callee, false)
    changeSections(v, callee.name)
    v.sayResult(1)
    if (callee.name === 'bpf_throw') {
      this.#leaveProgram()
      return -1
    }
    if (!loop || !facts.iterator || !facts.place) return slot + 1
    const drained = drain(v, facts.iterator, facts.place)
    this.#goRound(loop, slot + 1, v.state)
    v.state = drained
    return slot + 1
  }

  /** A function that a timer calls some time: it is looked at on its own. */
  #callLater(start: number, { map }: Reg): void {
    const v = this.#v
    v.asyncCallbacks.add(start)
    const args = [
      pointer('map_ptr', { map }),
      pointer('mem', { size: map?.keySize ?? 0, readonly: true }),
      pointer('map_value', { map, id: v.newId() }),
    ]
    const state = State.start(start, args, { slot: -1, start, args, most: 0n })
    this.#open.push({ slot: start, state, point: undefined, written: [], entries: v.log.position, from: v.slot })
  }

  /** A helper that calls a function again and again: it may do so never, and after each time it may be the last. */
  #callBack(slot: number, start: number, before: readonly Reg[]): number {
    const times = helperName(this.#v.code.imm[slot]) === 'loop' ? before[1].scalar.umax : undefined
    return this.#round({ slot, start, args: this.#callbackArguments(slot, before), most: 1n, times })
  }

  #round(callback: Callback): number {
    const v = this.#v
    const { state } = v
    if (callback.times !== undefined && state.frame.calledBack >= callback.times) {
      state.frame.calledBack = 0n
      return callback.slot + 1
    }
    const loop = this.#comeAround()
    if (!loop) return -1
    v.state = state.copy()
    v.written = v.written.slice()
    const start = this.#enter(callback.start, callback.slot, callback.args, callback)
    this.#goRound(loop, start, v.state)
    v.state = state
    state.frame.calledBack = 0n
    v.written = []
    return callback.slot + 1
  }

  #callbackArguments(slot: number, before: readonly Reg[]): readonly Reg[] {
    const v = this.#v
    if (helperName(v.code.imm[slot]) === 'loop') {
      before[1].trace?.demand()
      const most = before[1].scalar.umax < 1n << 23n ? before[1].scalar.umax : 1n << 23n
      return [number(bounded(0n, most > 0n ? most - 1n : 0n)), before[3], NONE, NONE, NONE]
    }
    const { map } = before[1]
    return [
      before[1],
      pointer('mem', { size: map?.keySize ?? 0, readonly: true }),
      pointer('map_value', { map, id: v.newId() }),
      before[3],
      NONE,
    ]
  }

  #enter(start: number, callSite: number, args: readonly Reg[], callback: Callback | undefined): number {
    const v = this.#v
    if (v.state.frames.length >= MAX_FRAMES) {
      throw new Refusal(E2BIG, `the call stack of ${v.state.frames.length} frames is too deep !`)
    }
    const frame = new Frame(start, callSite, callback)
    for (const [i, reg] of args.entries()) frame.regs[i + 1] = reg
    v.state.frames.push(frame)
    frame.regs[FRAME_REGISTER] = pointer('fp', { frame: v.state.depth })
    v.writeSlots(v.state.depth, (1n << 64n) - 1n)
    return start
  }

  /** The end of main, of a global function, or of what a timer called. */
  #leaveProgram(): void {
    const v = this.#v
    const { state } = v
    refuseOpenSections(state, 'BPF_EXIT instruction in main prog')
    if (state.refs.length > 0) throw unreleased(state)
  }

  /** What main, a global function, or what a timer called, leaves in R0. */
  #checkResult(): void {
    const v = this.#v
    if (this.#root?.isVoid) return
    const result = v.read(0)
    const { callback } = v.state.frame
    if (callback) checkCallbackResult(v, result, callback, 'At async callback return')
    else if (this.#root && !isNumber(result)) {
      throw invalid(`At subprogram exit the register R0 is not a scalar value (${typeName(result)})`)
    }
    v.keepSecret(0, 'R0 leaks addr as return value')
  }

  #exit(): number {
    const v = this.#v
    const { state } = v
    if (state.depth === 0) {
      this.#leaveProgram()
      this.#checkResult()
      return -1
    }
    // A static function need not return anything, if nobody asks for it.
    const result = state.frame.callback ? v.read(0) : v.regs[0]
    if (result.type === 'fp') throw invalid('cannot return stack pointer to the caller')
    const { callSite, callback } = state.frame
    state.frames.pop()
    if (!callback) {
      state.regs[0] = result
      return callSite + 1
    }
    checkCallbackResult(v, result, callback, 'At callback return')
    v.slot = callSite
    state.frame.calledBack++
    return this.#round(callback)
  }
}

/** Registers that an instruction shows in the log. */
function touchedBy(op: Op, dst: number, src: number): number {
  if (op.kind === 'packet') return 1
  const isAlone = op.kind === 'neg' || op.kind === 'swap' || (op.kind === 'alu' && op.operand === 'imm')
  return isAlone ? 1 << dst : (1 << dst) | (1 << src)
}

/** Points are kept with states that nobody changes any more. */
const pointHere = (v: Verification): Point => ({
  slot: v.slot,
  state: v.state.copy(),
  parent: v.point,
  open: 1,
  hits: 0,
  misses: 0,
  slotsRead: [],
  depth: v.point ? v.point.depth + 1 : 0,
  awaits: undefined,
  waiting: [],
  echoes: [],
  writtenBefore: v.written,
})

/** What a callback may return. */
function checkCallbackResult(v: Verification, result: Reg, { most }: Callback, where: string): void {
  v.need(0)
  if (isNumber(result) && result.scalar.umax <= most) return
  throw invalid(`${where} the register R0 has unknown scalar value should have been in [0, ${most}]`)
}

const unreleased = ({ refs }: State): Refusal =>
  invalid(`Unreleased reference id=${refs[0].id} alloc_insn=${refs[0].slot}`)

/**
 * Numbers that differ from the last round, and on which nothing rests, may be anything in the next. The frame of a callback
 * that is about to be called is not compared: it is new in each round.
 */
function widen(last: State, now: State): void {
  for (const [depth, before] of last.frames.entries()) {
    const frame = now.frames[depth]
    for (let r = 0; r < FRAME_REGISTER; r++) {
      if (isFree(before.regs[r], frame.regs[r])) frame.regs[r] = UNKNOWN_SCALAR
    }
    for (const [n, content] of frame.stack.entries()) {
      if (content && isFree(before.slot(n).reg, content.reg)) frame.stack[n] = { ...content, reg: UNKNOWN_SCALAR }
    }
  }
}

/** Whether two numbers differ and nothing rests on either. */
const isFree = (a: Reg, b: Reg): boolean =>
  isNumber(a) && isNumber(b) && a.scalar !== b.scalar && !a.trace?.isPrecise && !b.trace?.isPrecise

/** Arguments that a call reads. */
function arity(v: Verification, slot: number): number {
  const op = opAt(v.code, slot)
  if (op.kind !== 'call' || op.callee !== 'helper') return 5
  return v.prototypes[helperName(v.code.imm[slot]) ?? '']?.args.length ?? 5
}

/** Slots at which paths meet, or split. */
function joinsOf({ code }: Verification): Uint8Array {
  const joins = new Uint8Array(code.length + 1)
  for (let slot = 0; slot < code.length; slot++) {
    const op = opAt(code, slot)
    if (op.kind === 'call' || op.kind === 'branch') joins[slot + 1] = 1
    if (op.kind === 'branch' || op.kind === 'goto' || op.kind === 'mayGoto') joins[jumpTarget(code, slot)] = 1
  }
  return joins
}
