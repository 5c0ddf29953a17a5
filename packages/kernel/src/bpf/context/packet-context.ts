import type { Device } from '../../net/device.ts'
import type { ProgramNeeds } from '../../net/device-programs.ts'

/**
 * One packet as a program sees it: a block of packet memory laid out as the `struct` of its program type, and what helpers have
 * to know that is not in there. There is one for each depth to which programs run inside programs; they are used again.
 */
export class PacketContext {
  /** Of the block: what programs get in R1. */
  readonly address: number
  /** Top of the stack of what runs over it. */
  readonly stack: number
  handle = -1
  /** Finds the `struct bpf_sock` of a socket by its number, in the place of one that was found before; 0 if there is none. */
  readonly findSender: (number: number, before: number) => number
  /** The one of the packet's sender, as far as a program has asked. */
  sender = 0
  /** The context of a run within the run over this one; undefined as long as there was none. */
  inner: PacketContext | undefined
  /** The device that the packet is at; undefined before the first run. */
  dev: Device | undefined
  /** One of HOOK. */
  hook = 0
  /** Of the program that runs; of one that makes tail calls, what any program needs. */
  needs: ProgramNeeds = NO_NEEDS
  /** The part of the block that belongs to the run, and not to the packet, was set up. */
  hasControl = false
  /** Bytes from the link-layer header to the network header that were pushed back for the run, at tc ingress. */
  macLength = 0
  /** XDP: the queue that received it, and where it is about to leave. */
  queue = 0
  egressIfindex = 0

  constructor(address: number, stack: number, findSender: PacketContext['findSender']) {
    this.address = address
    this.stack = stack
    this.findSender = findSender
  }
}

const NO_NEEDS: ProgramNeeds = { isNone: true, fills: 0, takes: 0, owns: false, readsClock: false }
