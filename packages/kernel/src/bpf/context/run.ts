import type { Device } from '../../net/device.ts'
import { HOOK, type Hook, type PacketPrograms, type RunnableProgram } from '../../net/device-programs.ts'
import type { ListEntry } from '../../net/program-list.ts'
import { makeWritable } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import type { Contexts } from './contexts.ts'
import type { PacketContext } from './packet-context.ts'
import { fillSkBuff, takeSkBuff } from './sk-buff.ts'
import { wireLength } from './wire-length.ts'
import { fillXdpMd } from './xdp-md.ts'

// Engines fold constants of the own module, not imported ones.
const { FLAG_AT_INGRESS, PKT_DATA, PKT_GSO, PKT_LENGTH, PKT_LINEAR, PKT_MAC, PKT_NETWORK, PKT_SHIFT, PKT_STATE } =
  layout
const NEXT = -1
const DROP = 2
const ABORTED = 0
const INGRESS = HOOK.tcxIngress

/** Runs programs over the packets of one kernel. Nothing is allocated for a run. */
export class ProgramRunner implements PacketPrograms {
  readonly #contexts: Contexts

  constructor(contexts: Contexts) {
    this.#contexts = contexts
  }

  run(entries: readonly ListEntry<RunnableProgram>[], dev: Device, handle: number, hook: Hook): number {
    const contexts = this.#contexts
    const context = contexts.next()
    if (context === undefined) return DROP
    const { packets } = contexts
    begin(packets, context, dev, handle, hook)
    contexts.depth++
    let verdict = NEXT
    try {
      for (let n = 0; n < entries.length && verdict === NEXT; n++) {
        verdict = runOne(packets, context, entries[n].program)
      }
    } finally {
      contexts.depth--
    }
    if (hook === INGRESS) leaveIngress(packets.fields, context)
    return verdict
  }

  runXdp(program: RunnableProgram, dev: Device, handle: number, queue: number, egress: number): number {
    const contexts = this.#contexts
    const context = contexts.next()
    if (context === undefined) return ABORTED
    context.handle = handle
    context.dev = dev
    context.ifindex = dev.ifindex
    context.hook = HOOK.xdp
    context.queue = queue
    context.egressIfindex = egress
    context.needs = program.needs
    const { fills } = program.needs
    if (fills !== 0) fillXdpMd(contexts.packets, context, fills)
    contexts.depth++
    try {
      return program.execute(context.address, context.stack)
    } finally {
      contexts.depth--
    }
  }
}

function begin(packets: Packets, context: PacketContext, dev: Device, handle: number, hook: Hook): void {
  const { fields } = packets
  const i = handle << PKT_SHIFT
  context.handle = handle
  context.dev = dev
  context.ifindex = dev.ifindex
  context.hook = hook
  context.hasControl = false
  context.wireLength = fields[i + PKT_GSO] === 0 ? fields[i + PKT_LENGTH] : wireLength(packets, handle)
  if (hook === INGRESS) enterIngress(fields, context)
}

function runOne(packets: Packets, context: PacketContext, program: RunnableProgram): number {
  const { needs } = program
  const { fills, takes } = needs
  context.needs = needs
  if (needs.owns && !makeWritable(packets, context.handle)) return DROP
  if (fills !== 0) fillSkBuff(packets, context, fills)
  const verdict = program.execute(context.address, context.stack)
  if (takes !== 0) takeSkBuff(packets, context, takes)
  return verdict
}

/** Programs at tc ingress see the link-layer header that was pulled on arrival. */
function enterIngress(fields: Int32Array, context: PacketContext): void {
  const i = context.handle << PKT_SHIFT
  context.macLength = fields[i + PKT_NETWORK] - fields[i + PKT_MAC]
  shift(fields, i, -context.macLength)
  fields[i + PKT_STATE] |= FLAG_AT_INGRESS
}

function leaveIngress(fields: Int32Array, context: PacketContext): void {
  shift(fields, context.handle << PKT_SHIFT, context.macLength)
}

function shift(fields: Int32Array, i: number, bytes: number): void {
  fields[i + PKT_DATA] += bytes
  fields[i + PKT_LENGTH] -= bytes
  fields[i + PKT_LINEAR] -= bytes
}
