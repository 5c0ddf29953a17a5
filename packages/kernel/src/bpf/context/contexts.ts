import { STACK_BYTES } from '@netkit/bpf'
import { HOOK } from '../../net/device-programs.ts'
import type { Packets } from '../../packet/packets.ts'
import { PacketContext } from './packet-context.ts'
import { fillSkBuff, startControl, takeSkBuff } from './sk-buff.ts'
import { fillXdpMd } from './xdp-md.ts'

/** Bytes of a context's block: the largest `struct`, in whole cache lines. */
const BLOCK_BYTES = 192
/** Runs within runs: transmissions nest, and any of them may run a program. */
const MAX_DEPTH = 32

/** The contexts and stacks of one kernel, from the outermost run inwards. A run takes `free` and leaves its `inner` there. */
export class Contexts {
  readonly #find: () => Packets
  #packets: Packets | undefined
  readonly #made: PacketContext[] = []
  #base = 0
  /** The context of the next run; undefined if it is yet to be made. */
  free: PacketContext | undefined

  /** Finds what programs see of a sender, in the place of what they saw before: see PacketContext. */
  sender: (number: number, before: number) => number = () => 0

  /** @param packets Called when the first context is made: a kernel that never runs a program need not have any. */
  constructor(packets: () => Packets) {
    this.#find = packets
  }

  get packets(): Packets {
    return this.#packets ?? this.#findPackets()
  }

  #findPackets(): Packets {
    this.#packets = this.#find()
    return this.#packets
  }

  /** Makes the context of the next run; undefined if that would be too deep or there is no memory. */
  make(): PacketContext | undefined {
    const depth = this.#made.length
    if (depth === MAX_DEPTH) return undefined
    const { memory } = this.packets
    if (this.#base === 0) this.#base = memory.reserve('contexts of programs', MAX_DEPTH * BLOCK_BYTES)?.offset ?? 0
    const stack = this.#base === 0 ? undefined : memory.reserve('stack of a program', STACK_BYTES)
    if (!stack) return undefined
    const context = new PacketContext(this.#base + depth * BLOCK_BYTES, stack.offset + STACK_BYTES, this.sender)
    if (depth > 0) this.#made[depth - 1].inner = context
    this.#made.push(context)
    this.free = context
    return context
  }

  /** The context that a helper is given, by its address. */
  at(address: number): PacketContext {
    return this.#made[((address - this.#base) / BLOCK_BYTES) | 0]
  }

  /** Before a helper looks at fields of the packet that programs write through their context, and before one changes them. */
  settle(context: PacketContext): void {
    // What is as the run began has to be noted before the packet changes.
    if (!context.hasControl && context.hook !== HOOK.xdp) startControl(this.packets, context)
    if (context.needs.takes !== 0) takeSkBuff(this.packets, context, context.needs.takes)
  }

  /** After a helper has changed or moved the packet: the program sees it as it is now. */
  refresh(context: PacketContext): void {
    const { fills } = context.needs
    if (context.hook === HOOK.xdp) fillXdpMd(this.packets, context, fills)
    else fillSkBuff(this.packets, context, fills)
  }
}
