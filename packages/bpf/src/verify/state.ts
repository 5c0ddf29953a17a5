import { type MapFacts, NONE, pointer, type Reg } from './reg.ts'
import { EMPTY, FRAME_SLOTS, type Slot } from './stack.ts'

/** What a callback's end leads back to. */
export interface Callback {
  /** The call of the helper that calls it. */
  readonly slot: number
  /** Where it starts, and what it is handed each time, from R1 on. */
  readonly start: number
  readonly args: readonly Reg[]
  /** What it may return, unsigned. */
  readonly most: bigint
  /** How often it is called, at most; absent: nobody knows. */
  readonly times?: bigint
}

/** A function that is active. */
export class Frame {
  /** Slot at which the function starts. */
  readonly start: number
  /** Slot of the call that made it; -1: main. */
  readonly callSite: number
  readonly callback: Callback | undefined
  readonly regs: Reg[]
  /** Slot n is the eight bytes at fp - 8 * (n + 1). */
  readonly stack: Slot[]
  /** How often the callback of a helper that it calls has returned. */
  calledBack: bigint

  constructor(
    start: number,
    callSite: number,
    callback: Callback | undefined,
    regs: Reg[] = new Array<Reg>(11).fill(NONE),
    stack: Slot[] = [],
    calledBack = 0n,
  ) {
    this.start = start
    this.callSite = callSite
    this.callback = callback
    this.regs = regs
    this.stack = stack
    this.calledBack = calledBack
  }

  slot(n: number): Slot {
    return this.stack[n] ?? EMPTY
  }

  copy(): Frame {
    const { start, callSite, callback, calledBack } = this
    return new Frame(start, callSite, callback, this.regs.slice(), this.stack.slice(), calledBack)
  }
}

/** A reference that the program holds. */
export interface Reference {
  readonly id: number
  /** Slot of the call that gave it. */
  readonly slot: number
}

/** A lock is that of a value of a map. */
export interface Lock {
  readonly id: number
  readonly map: MapFacts | undefined
}

/** Everything that is known at one point of one path through a program. */
export class State {
  readonly frames: Frame[]
  refs: readonly Reference[]
  /** The map value whose lock is held. */
  lock: Lock | undefined
  /** How deep in sections that bpf_rcu_read_lock and bpf_preempt_disable began. */
  rcu: number
  preempt: number
  /** Rounds that were begun of loops that end in their own time. */
  rounds: number

  constructor(
    frames: Frame[],
    refs: readonly Reference[] = [],
    lock: Lock | undefined = undefined,
    rcu = 0,
    preempt = 0,
    rounds = 0,
  ) {
    this.frames = frames
    this.refs = refs
    this.lock = lock
    this.rcu = rcu
    this.preempt = preempt
    this.rounds = rounds
  }

  /** At the start of a function that nobody called: main, a global function, a callback of a timer. */
  static start(slot: number, args: readonly Reg[], callback?: Callback): State {
    const frame = new Frame(slot, -1, callback)
    for (const [i, reg] of args.entries()) frame.regs[i + 1] = reg
    frame.regs[10] = pointer('fp')
    return new State([frame])
  }

  get frame(): Frame {
    return this.frames[this.frames.length - 1]
  }

  get depth(): number {
    return this.frames.length - 1
  }

  get regs(): Reg[] {
    return this.frame.regs
  }

  copy(): State {
    const frames: Frame[] = []
    for (const frame of this.frames) frames.push(frame.copy())
    return new State(frames, this.refs, this.lock, this.rcu, this.preempt, this.rounds)
  }

  /** Replaces each register and spilled register that `change` gives another for. */
  replaceAll(change: (reg: Reg) => Reg): void {
    for (const { regs, stack } of this.frames) {
      for (let i = 0; i < regs.length; i++) regs[i] = change(regs[i])
      for (let i = 0; i < Math.min(stack.length, FRAME_SLOTS); i++) {
        const slot = stack[i]
        if (!slot || slot.reg === NONE) continue
        const reg = change(slot.reg)
        if (reg !== slot.reg) stack[i] = { ...slot, reg }
      }
    }
  }
}
