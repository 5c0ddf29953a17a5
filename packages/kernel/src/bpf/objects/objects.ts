import type { OpenObject } from '../../net/process.ts'
import { IdTable } from './id-table.ts'
import { BpfLink } from './link.ts'
import { BpfProgram, type ProgramFacts } from './program.ts'

/** All objects of bpf(2) that a kernel has. */
export class BpfObjects {
  readonly programs = new IdTable<BpfProgram>()
  readonly links = new IdTable<BpfLink>()
  /** Objects by the path that they are pinned under; each pin holds. */
  readonly pins = new Map<string, OpenObject>()

  /** Whether the path was free. */
  pin(path: string, object: OpenObject): boolean {
    if (this.pins.has(path)) return false
    object.hold()
    this.pins.set(path, object)
    return true
  }

  addProgram(facts: ProgramFacts): BpfProgram {
    const { programs } = this
    return programs.add(new BpfProgram(programs.nextId(), facts, ({ id }) => programs.delete(id)))
  }

  /** A link that is not known by its id until it is added to `links`. */
  makeLink(type: number, attachType: number, program: BpfProgram): BpfLink {
    const { links } = this
    return new BpfLink(links.nextId(), type, attachType, program, ({ id }) => links.delete(id))
  }
}
