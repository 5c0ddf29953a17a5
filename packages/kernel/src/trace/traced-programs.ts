import { EXTENSION_ATTACH_TYPE } from '@netkit/bpf'
import type { Device } from '../net/device.ts'
import {
  HOOK,
  type Hook,
  type PacketPrograms,
  type RunControl,
  type RunnableProgram,
  VERDICT_NEXT,
  VERDICT_REDIRECT,
} from '../net/device-programs.ts'
import type { ListEntry } from '../net/program-list.ts'
import type { Redirects } from '../net/redirect.ts'
import type { Packets } from '../packet/packets.ts'
import { changes } from './changes.ts'
import { type Snapshot, snapshot } from './snapshot.ts'
import { hookName, redirectText, verdictName } from './verdicts.ts'

type Entries = readonly ListEntry<RunnableProgram>[]

/** What traced programs need to know of the way that packets go, and whom they tell. */
export interface TracedPath {
  readonly packets: Packets
  readonly redirects: Redirects
  /** A program has run over a packet at a device. */
  tell(dev: Device, handle: number, outgoing: boolean, text: string): void
}

/** A program of a list that says when its turn comes: then the one before it is done with the packet. */
class Turn implements RunnableProgram {
  readonly id: number
  readonly type: number
  readonly name: string
  readonly needs: RunnableProgram['needs']
  readonly expectedAttachType: number
  readonly takesFragments: boolean
  readonly #program: RunnableProgram
  readonly #begins: (program: RunnableProgram) => void

  constructor(program: RunnableProgram, begins: (program: RunnableProgram) => void) {
    this.#program = program
    this.#begins = begins
    this.id = program.id
    this.type = program.type
    this.name = program.name
    this.needs = program.needs
    this.expectedAttachType = program.expectedAttachType
    this.takesFragments = program.takesFragments
  }

  execute(context: number, stack: number): number {
    this.#begins(this.#program)
    return this.#program.execute(context, stack)
  }

  hold(): void {
    this.#program.hold()
  }

  release(): void {
    this.#program.release()
  }
}

/** Runs programs as the ones that it stands before, and tells of each what it decided and changed. Takes its time. */
export class TracedPrograms implements PacketPrograms {
  readonly #programs: PacketPrograms
  readonly #path: TracedPath

  constructor(programs: PacketPrograms, path: TracedPath) {
    this.#programs = programs
    this.#path = path
  }

  run(entries: Entries, dev: Device, handle: number, hook: Hook): number {
    const { packets } = this.#path
    let before = snapshot(packets, handle)
    let running: RunnableProgram | undefined
    const begins = (program: RunnableProgram): void => {
      if (running) before = this.#tell(running, dev, handle, hook, VERDICT_NEXT, before)
      running = program
    }
    const turns = entries.map(({ program, link }) => ({ program: new Turn(program, begins), link }))
    const verdict = this.#programs.run(turns, dev, handle, hook)
    if (running) this.#tell(running, dev, handle, hook, verdict, before)
    return verdict
  }

  runRepeatedly(program: RunnableProgram, dev: Device, handle: number, times: number, control: RunControl): number {
    return this.#programs.runRepeatedly(program, dev, handle, times, control)
  }

  runXdp(program: RunnableProgram, dev: Device, handle: number, queue: number, egress: number): number {
    const before = snapshot(this.#path.packets, handle)
    const verdict = this.#programs.runXdp(program, dev, handle, queue, egress)
    this.#tell(program, dev, handle, HOOK.xdp, verdict, before)
    return verdict
  }

  /** Says what a program did, and gives the packet as it left it. */
  #tell(
    { name, id, expectedAttachType }: RunnableProgram,
    dev: Device,
    handle: number,
    hook: Hook,
    verdict: number,
    before: Snapshot,
  ): Snapshot {
    const path = this.#path
    const { target, flags } = path.redirects
    const after = snapshot(path.packets, handle)
    const leads =
      verdict === VERDICT_REDIRECT && hook !== HOOK.xdp
        ? ` ${redirectText(dev.ns.devices.get(target)?.name, target, flags)}`
        : ''
    const changed = changes(before, after)
    const what = changed.length === 0 ? '' : `; ${changed.join(', ')}`
    const who = name === '' ? `program ${id}` : `${name} (program ${id})`
    const text = `${hookName(hook, expectedAttachType)}: ${who}: ${verdictName(verdict, hook)}${leads}${what}`
    const outgoing = hook === HOOK.tcxEgress || expectedAttachType === EXTENSION_ATTACH_TYPE.xdpNetkitInject
    path.tell(dev, handle, outgoing, text)
    return after
  }
}
