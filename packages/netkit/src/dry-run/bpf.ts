import { BPF_COMMANDS, type BpfCommand, readStruct } from '@netkit/bpf'
import type {
  BpfCallOptions,
  BpfDoor,
  BpfMemory,
  BpfPerfBuffer,
  BpfPins,
  BpfRing,
  NamespaceHandle,
} from '@netkit/netlink'
import { refused } from '@netkit/netlink'
import type { Spot } from './plan.ts'
import type { DryRun } from './socket.ts'

const C = BPF_COMMANDS
const COMMANDS: ReadonlyMap<number, BpfCommand> = new Map(Object.values(C).map((one) => [one.id, one as BpfCommand]))

/** What changes something that others see, whatever it is done to. */
const CHANGES: ReadonlySet<number> = new Set(
  [C.progAttach, C.progDetach, C.linkCreate, C.linkUpdate, C.linkDetach, C.objPin, C.progBindMap].map(({ id }) => id),
)

/** What changes a map: harmless where the dry run has made it itself. By the member that says which map. */
const MAP_CHANGES: ReadonlyMap<number, string> = new Map(
  [
    C.mapUpdateElem,
    C.mapDeleteElem,
    C.mapLookupAndDeleteElem,
    C.mapFreeze,
    C.mapUpdateBatch,
    C.mapDeleteBatch,
    C.mapLookupAndDeleteBatch,
  ].map(({ id }) => [id, 'mapFd']),
)

/** What makes things that go with the dry run. */
const OWN: ReadonlySet<number> = new Set([C.mapCreate.id, C.progLoad.id, C.btfLoad.id])

/** Descriptors of what would have been made. */
const FIRST_PLANNED = 1 << 24

/**
 * bpf(2) of a dry run: programs are loaded and verified and maps made, because they go when it ends, but nothing is attached, pinned, or
 * changed that was there before.
 */
export class DryRunBpf implements BpfDoor {
  readonly cpus: number
  readonly pins: BpfPins
  readonly #run: DryRun
  readonly #inner: BpfDoor
  readonly #spotOf: (namespace: NamespaceHandle | undefined) => Spot
  readonly #own = new Set<number>()
  #planned = FIRST_PLANNED

  constructor(run: DryRun, inner: BpfDoor, spotOf: (namespace: NamespaceHandle | undefined) => Spot) {
    this.#run = run
    this.#inner = inner
    this.#spotOf = spotOf
    this.cpus = inner.cpus
    const report = async (call: string, path: string) =>
      run.report({ door: 'bpf', call, args: { path }, namespace: undefined })
    this.pins = {
      list: () => inner.pins.list(),
      makeFolder: (path) => report('mkdir', path),
      remove: (path) => report('unlink', path),
    }
  }

  async configuration(): Promise<string> {
    return (await this.#inner.configuration?.()) ?? ''
  }

  memory(size: number): BpfMemory {
    return this.#inner.memory(size)
  }

  async call(command: number, attr: Uint8Array, options: BpfCallOptions = {}): Promise<number> {
    if (this.#isHeld(command, attr)) return this.#hold(command, attr, options.namespace)
    if (command === C.objGetInfoByFd.id && readStruct(C.objGetInfoByFd.attr, attr).bpfFd >= FIRST_PLANNED) return 0
    const result = await this.#inner.call(command, attr, options)
    if (OWN.has(command)) this.#own.add(result)
    return result
  }

  #isHeld(command: number, attr: Uint8Array): boolean {
    if (CHANGES.has(command)) return true
    const layout = COMMANDS.get(command)?.attr
    // Nothing is changed by a command that nobody has looked at.
    if (!layout) return true
    const values = readStruct(layout, attr)
    if (command === C.progTestRun.id) return !this.#own.has(Number(values.progFd))
    const member = MAP_CHANGES.get(command)
    return member !== undefined && !this.#own.has(Number(values[member]))
  }

  #hold(command: number, attr: Uint8Array, namespace: NamespaceHandle | undefined): number {
    const known = COMMANDS.get(command)
    const values: Readonly<Record<string, number | bigint | string>> = known ? readStruct(known.attr, attr) : {}
    // Addresses say nothing to people.
    const args = Object.entries(values).flatMap(([name, value]): [string, string | number][] =>
      typeof value === 'bigint' || value === 0 || value === '' ? [] : [[name, value]],
    )
    this.#run.report({
      door: 'bpf',
      call: known?.c ?? `command ${command}`,
      args: Object.fromEntries(args),
      namespace: namespace && this.#spotOf(namespace).name,
      bytes: attr,
    })
    return command === C.linkCreate.id ? this.#planned++ : 0
  }

  async closeFile(fd: number): Promise<void> {
    this.#own.delete(fd)
    if (fd < FIRST_PLANNED) await this.#inner.closeFile(fd)
  }

  async tracePipe(): Promise<BpfRing> {
    throw refused('read what programs print', 'EOPNOTSUPP', 'whoever reads it takes it: not in a dry run')
  }

  async perfBuffer(): Promise<BpfPerfBuffer> {
    throw refused(
      'open a perf event',
      'EOPNOTSUPP',
      'whoever reads a perf event array takes its events: not in a dry run',
    )
  }

  async ring(): Promise<BpfRing> {
    throw refused('read a ring buffer', 'EOPNOTSUPP', 'whoever reads a ring buffer takes its records: not in a dry run')
  }
}
