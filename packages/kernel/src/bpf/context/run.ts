import type { Device } from '../../net/device.ts'
import {
  HOOK,
  type Hook,
  type PacketPrograms,
  type RunControl,
  type RunnableProgram,
} from '../../net/device-programs.ts'
import type { ListEntry } from '../../net/program-list.ts'
import { makeWritable } from '../../packet/edit.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import type { Contexts } from './contexts.ts'
import type { PacketContext } from './packet-context.ts'
import { fillSkBuff, getControl, keepClass, setControl, takeSkBuff } from './sk-buff.ts'
import { fillXdpMd } from './xdp-md.ts'

// Engines fold constants of the own module, not imported ones.
const { FLAG_AT_INGRESS, PKT_DATA, PKT_LENGTH, PKT_LINEAR, PKT_MAC, PKT_NETWORK, PKT_SHIFT, PKT_STATE } = layout
const NEXT = -1
const PASS = 0
const DROP = 2
const ABORTED = 0
const INGRESS = HOOK.tcxIngress
const EGRESS = HOOK.tcxEgress
const XDP = HOOK.xdp

/** Runs programs over the packets of one kernel. Nothing is allocated for a run. */
export class ProgramRunner implements PacketPrograms {
  readonly #contexts: Contexts

  constructor(contexts: Contexts) {
    this.#contexts = contexts
  }

  run(entries: readonly ListEntry<RunnableProgram>[], dev: Device, handle: number, hook: Hook): number {
    const contexts = this.#contexts
    const context = contexts.free ?? contexts.make()
    if (context === undefined) return DROP
    context.handle = handle
    // To write a reference costs more than to look whether it is there.
    if (context.dev !== dev) context.dev = dev
    context.hook = hook
    context.hasControl = false
    if (hook === INGRESS) enterIngress(contexts.packets.fields, context)
    contexts.free = context.inner
    let verdict = NEXT
    try {
      for (let n = 0; n < entries.length && verdict === NEXT; n++) {
        const { program } = entries[n]
        const { needs } = program
        if (context.needs !== needs) context.needs = needs
        verdict = needs.isNone
          ? program.execute(context.address, context.stack)
          : runPrepared(contexts.packets, context, program)
      }
    } finally {
      contexts.free = context
    }
    if (hook === INGRESS) leaveIngress(contexts.packets.fields, context)
    if (verdict === PASS && (hook === INGRESS || hook === EGRESS)) keepClass(contexts.packets, context)
    return verdict
  }

  runRepeatedly(program: RunnableProgram, dev: Device, handle: number, times: number, control: RunControl): number {
    const contexts = this.#contexts
    const context = contexts.free ?? contexts.make()
    if (context === undefined) return DROP
    const { packets } = contexts
    context.handle = handle
    context.dev = dev
    context.hook = HOOK.test
    context.needs = program.needs
    setControl(packets, context, control)
    contexts.free = context.inner
    let verdict = NEXT
    try {
      for (let n = 0; n < times; n++) verdict = runPrepared(packets, context, program)
    } finally {
      contexts.free = context
    }
    getControl(packets, context, control)
    return verdict
  }

  runXdp(program: RunnableProgram, dev: Device, handle: number, queue: number, egress: number): number {
    const contexts = this.#contexts
    const context = contexts.free ?? contexts.make()
    if (context === undefined) return ABORTED
    context.handle = handle
    context.dev = dev
    context.hook = XDP
    context.queue = queue
    context.egressIfindex = egress
    context.needs = program.needs
    const { fills } = program.needs
    if (fills !== 0) fillXdpMd(contexts.packets, context, fills)
    contexts.free = context.inner
    try {
      return program.execute(context.address, context.stack)
    } finally {
      contexts.free = context
    }
  }
}

/** Runs a program that looks at its context, or writes to the packet. */
function runPrepared(packets: Packets, context: PacketContext, program: RunnableProgram): number {
  const { fills, takes, owns } = program.needs
  if (owns && !makeWritable(packets, context.handle)) return DROP
  fillSkBuff(packets, context, fills)
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
