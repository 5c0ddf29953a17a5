import { BPF_COMMANDS, LINK_INFO, type Members, makeStruct, PROG_TYPE, readStruct } from '@netkit/bpf'
import type { BpfDoor, BpfMemory, NamespaceHandle } from '@netkit/netlink'
import { bpfResult } from './call.ts'
import { loadTrivial } from './load.ts'

/** An object as the recording calls it: a number of its kind, or no object at all. */
export type Ref = readonly ['zero' | 'closed' | 'file' | 'prog' | 'progId' | 'unknownId' | 'link' | 'linkId', number]

interface At {
  readonly target: string
  readonly type: number
  readonly flags: number
  readonly relative: Ref
  readonly revision: number
}

interface AttachStep extends At {
  readonly op: 'attach'
  readonly prog: Ref
  readonly replace: Ref
}

interface DetachStep extends At {
  readonly op: 'detach'
  readonly prog: Ref
}

interface CreateStep extends At {
  readonly op: 'link'
  readonly prog: Ref
}

interface QueryStep {
  readonly op: 'query'
  readonly target: string
  readonly type: number
  readonly count: number
  readonly queryFlags: number
}

interface UpdateStep {
  readonly op: 'update'
  readonly link: number
  readonly new: Ref
  readonly flags: number
  readonly old: Ref
}

interface LinkStep {
  readonly op: 'undo' | 'close' | 'info'
  readonly link: number
}

export type Step = AttachStep | DetachStep | CreateStep | QueryStep | UpdateStep | LinkStep

export interface Sequence {
  readonly name: string
  readonly steps: readonly (Step & { readonly answer: object })[]
}

interface OpenLink {
  readonly fd: number
  readonly id: number
}

const PROGRAMS = 8
const C = BPF_COMMANDS
const ENOSPC = 28

/** Where programs are attached: a kernel with a netkit pair and another device. */
export interface AttachPlace {
  readonly door: BpfDoor
  readonly namespace?: NamespaceHandle
  /** Interface indexes of `primary`, `peer`, `dummy`, and `missing`. */
  readonly targets: Readonly<Record<string, number>>
  /** A descriptor of something that bpf(2) knows nothing of. */
  readonly file: number
}

/** Plays the steps of a recording. */
export class Player {
  readonly #place: AttachPlace
  readonly #door: BpfDoor
  readonly #targets: Readonly<Record<string, number>>
  readonly #programs: { readonly fd: number; readonly id: number }[] = []
  readonly #links: OpenLink[] = []
  /** Descriptors of links that nobody has closed yet. */
  readonly #open = new Set<number>()

  constructor(place: AttachPlace) {
    this.#place = place
    this.#door = place.door
    this.#targets = place.targets
  }

  /** Loads the programs: the last one is of another type. */
  async open(): Promise<void> {
    for (let n = 0; n <= PROGRAMS; n++) {
      const fd = await loadTrivial(this.#door, n < PROGRAMS ? PROG_TYPE.schedCls : PROG_TYPE.xdp)
      this.#programs.push({ fd, id: (await this.#info(fd)).id })
    }
  }

  #number([kind, n]: Ref): number {
    if (kind === 'zero') return 0
    if (kind === 'closed') return 4000
    if (kind === 'file') return this.#place.file
    if (kind === 'unknownId') return 0x7fff_fff0
    if (kind === 'prog') return this.#programs[n].fd
    if (kind === 'progId') return this.#programs[n].id
    return kind === 'link' ? this.#links[n].fd : this.#links[n].id
  }

  #call(command: number, attr: Uint8Array, memory: readonly BpfMemory[] = []): Promise<number> {
    return bpfResult(this.#door, command, attr, { memory, namespace: this.#place.namespace })
  }

  /** Closes what is left. */
  async close(): Promise<void> {
    for (const fd of [...this.#open, ...this.#programs.map((program) => program.fd)]) await this.#door.closeFile(fd)
  }

  async play(step: Step): Promise<object> {
    if (step.op === 'attach' || step.op === 'detach') return { result: await this.#attach(step) }
    if (step.op === 'query') return this.#query(step)
    if (step.op === 'link') return this.#createLink(step)
    return this.#useLink(step)
  }

  async #useLink(step: UpdateStep | LinkStep): Promise<object> {
    const link = this.#links[step.link]
    if (step.op === 'update') {
      const values = {
        linkFd: link.fd,
        newProgFd: this.#number(step.new),
        flags: step.flags,
        oldProgFd: this.#number(step.old),
      }
      return { result: await this.#call(C.linkUpdate.id, makeStruct(C.linkUpdate.attr, values)) }
    }
    if (step.op === 'undo') {
      return { result: await this.#call(C.linkDetach.id, makeStruct(C.linkDetach.attr, { linkFd: link.fd })) }
    }
    if (step.op === 'close') {
      await this.#door.closeFile(link.fd)
      this.#open.delete(link.fd)
      return { result: 0 }
    }
    const { type, progId, ifindex, attachType } = await this.#info(link.fd)
    const device = Object.entries(this.#targets).find(([, n]) => n === ifindex)?.[0] ?? ifindex
    return { result: 0, type, prog: this.#programs.findIndex(({ id }) => id === progId), device, attachType }
  }

  async #info(fd: number) {
    const memory = this.#door.memory(64)
    const attr = makeStruct(C.objGetInfoByFd.attr, { bpfFd: fd, infoLen: 64, info: memory.address })
    await this.#door.call(C.objGetInfoByFd.id, attr, { memory: [memory] })
    return readStruct(LINK_INFO, memory.bytes)
  }

  #at({ target, type, relative, revision }: At) {
    return {
      targetIfindex: this.#targets[target],
      attachType: type,
      relative: this.#number(relative),
      expectedRevision: BigInt(revision),
    }
  }

  #attach(step: AttachStep | DetachStep): Promise<number> {
    const command = step.op === 'attach' ? C.progAttach : C.progDetach
    const attr = makeStruct(command.attr, {
      ...this.#at(step),
      attachBpfFd: this.#number(step.prog),
      attachFlags: step.flags,
      replaceBpfFd: step.op === 'attach' ? this.#number(step.replace) : 0,
    })
    return this.#call(command.id, attr)
  }

  async #createLink(step: CreateStep): Promise<object> {
    const values = { ...this.#at(step), progFd: this.#number(step.prog), flags: step.flags }
    const fd = await this.#call(C.linkCreate.id, makeStruct(C.linkCreate.attr, values))
    if (fd < 0) return { result: fd }
    this.#links.push({ fd, id: (await this.#info(fd)).id })
    this.#open.add(fd)
    return { result: 0, made: this.#links.length - 1 }
  }

  async #query(step: QueryStep): Promise<object> {
    const memory = this.#door.memory(768)
    const attr = makeStruct(C.progQuery.attr, {
      targetIfindex: this.#targets[step.target],
      attachType: step.type,
      queryFlags: step.queryFlags,
      progIds: memory.address,
      count: step.count,
      linkIds: memory.address + 256n,
      linkAttachFlags: memory.address + 512n,
    })
    const result = await this.#call(C.progQuery.id, attr, [memory])
    if (result !== 0 && result !== -ENOSPC) return { result }
    const { count, revision } = readStruct<Members>(C.progQuery.attr, attr)
    const words = new Uint32Array(memory.bytes.buffer)
    const shown = Array.from({ length: Math.min(step.count, Number(count)) }, (_, i) => i)
    return {
      result,
      count,
      revision: Number(revision),
      programs: shown.map((i) => this.#programs.findIndex(({ id }) => id === words[i])),
      links: shown.map((i) => {
        const n = this.#links.findIndex(({ id }) => id === words[64 + i])
        return n < 0 ? 'none' : n
      }),
    }
  }
}
