import { BPF_COMMANDS, type BpfCommand, type Btf, mapTypeNumber, PROG_FLAG, PROG_TYPE } from '@netkit/bpf'
import type { Devices } from '../devices/devices.ts'
import { InputError, shown } from '../input/input-error.ts'
import type { Places } from '../places/places.ts'
import { type AttachOptions, attach, type DetachOptions, detach, type LinkOptions, link } from './attach/attachments.ts'
import { type AttachedPrograms, query } from './attach/query.ts'
import type { AttachTarget } from './attach/target.ts'
import { type AttachXdpOptions, attachXdp, type DetachXdpOptions, detachXdp } from './attach/xdp.ts'
import { BpfCalls } from './calls.ts'
import { objectKind } from './files/info.ts'
import { Link } from './files/link.ts'
import { Program } from './files/program.ts'
import { KernelTypes } from './files/types.ts'
import { BpfMap } from './maps/map.ts'
import { type RecordDecoder, recordDecoder } from './maps/record-type.ts'
import { loadProgram } from './objects/load-program.ts'
import { ObjectFile } from './objects/object-file.ts'
import { sourceLines } from './objects/source-lines.ts'
import type { SourceLine } from './objects/verifier-error.ts'
import { TraceLines } from './trace-lines.ts'

export interface CreateMapOptions {
  /** `hash`, `array`, …: as bpftool spells them. */
  readonly type: string
  /** At most 15 letters, digits, `_` or `.`. */
  readonly name?: string
  readonly keySize?: number
  readonly valueSize?: number
  readonly maxEntries: number
  /** MAP_FLAG. */
  readonly flags?: number
}

export interface LoadProgramOptions {
  readonly name?: string
  /** Default: `sched_cls`. */
  readonly type?: 'sched_cls' | 'xdp'
  /** Default: `GPL`. */
  readonly license?: string
  readonly attachType?: number
  /** Of XDP programs: takes packets that lie in several buffers, as those of the section `xdp.frags` do. Default: false. */
  readonly fragments?: boolean
}

/** eBPF: object files, programs, maps, links, and where they are attached: `kernel.bpf`. KernelError EOPNOTSUPP without a door. */
export class Bpf {
  readonly #calls: BpfCalls
  readonly #types: KernelTypes
  readonly #devices: Devices

  /** @internal */
  constructor(places: Places, devices: Devices) {
    this.#calls = new BpfCalls(places)
    this.#types = new KernelTypes(this.#calls)
    this.#devices = devices
  }

  /**
   * Reads an object file as clang makes them (`clang -O2 -g -target bpf -c`). Nothing is loaded yet. `name`: of the file; names of sections
   * of variables begin with it. Throws FormatError for damaged files, ObjectError for what is not supported.
   */
  open(bytes: Uint8Array, name?: string): ObjectFile {
    return new ObjectFile(this.#calls, this.#types, bytes, name)
  }

  /** Loads bare instructions, 8 bytes each. Rejects with VerifierError. */
  async loadProgram(code: Uint8Array, options: LoadProgramOptions = {}): Promise<Program> {
    const { name = 'program', type = 'sched_cls', license = 'GPL', attachType = 0, fragments = false } = options
    if (code.length === 0 || code.length % 8 !== 0)
      throw new InputError('load program', 'code', `must be instructions of 8 bytes, not ${code.length} bytes`)
    const flags = fragments ? PROG_FLAG.xdpHasFrags : 0
    const number = type === 'xdp' ? PROG_TYPE.xdp : PROG_TYPE.schedCls
    return await loadProgram(this.#calls, { name, type: number, attachType, flags, license, code })
  }

  /** Makes a map without types. KernelError EINVAL for sizes and flags that its type does not take. */
  async createMap({
    type,
    name = '',
    maxEntries,
    keySize = 0,
    valueSize = 0,
    flags = 0,
  }: CreateMapOptions): Promise<BpfMap> {
    const op = `create map ${name || type}`
    const mapType = mapTypeNumber(type)
    if (mapType === undefined) throw new InputError(op, 'type', `must be a type of maps, not ${shown(type)}`)
    const values = { mapType, keySize, valueSize, maxEntries, mapFlags: flags, mapName: name }
    const { result } = await this.#calls.call(BPF_COMMANDS.mapCreate, { op, values })
    return await BpfMap.of(this.#calls, this.#types, result)
  }

  /**
   * Attaches a program: it stays until it is detached or the device goes. Default: behind all others. KernelError: EEXIST it is attached there
   * already, ENXIO no netkit device, EACCES the peer of a pair, EOPNOTSUPP a single device, ESTALE another revision, ERANGE too many.
   */
  attach(program: Program, options: AttachOptions): Promise<void> {
    return attach(this.#calls, this.#devices, program, options)
  }

  /** Attaches a program by a link: as long as that is open or pinned. KernelErrors as for `attach`. */
  link(program: Program, options: LinkOptions): Promise<Link> {
    return link(this.#calls, this.#devices, program, options)
  }

  /** Detaches a program. KernelError ENOENT: it is not attached there; EBUSY: a link holds it. */
  detach(options: DetachOptions): Promise<void> {
    return detach(this.#calls, this.#devices, options)
  }

  /**
   * Attaches an XDP program without a link, in place of one that is there: it stays until it is detached or the device goes. KernelError:
   * EBUSY a link holds the one that is there, EOPNOTSUPP the driver runs none, EEXIST one runs in another mode, and what drivers refuse.
   */
  attachXdp(program: Program, options: AttachXdpOptions): Promise<void> {
    return attachXdp(this.#devices, program, options)
  }

  /** Takes away the XDP program of a device. KernelError EBUSY: a link holds it. */
  detachXdp(options: DetachXdpOptions): Promise<void> {
    return detachXdp(this.#devices, options)
  }

  /** The programs at a place of a device, in the order in which they run, and the revision of the list. */
  query(target: AttachTarget): Promise<AttachedPrograms> {
    return query(this.#calls, this.#devices, target)
  }

  /** Types that maps and programs have, by id; undefined for 0, and where they may not be seen. */
  types(id: number): Promise<Btf | undefined> {
    return this.#types.byId(id)
  }

  /**
   * How the records of a ring buffer or perf event array are read: as the type of this name of the programs that use the map. Undefined
   * if none of them has it.
   */
  async recordDecoder(map: BpfMap, type: string): Promise<RecordDecoder | undefined> {
    for await (const btfId of this.#typesBeside(map)) {
      const btf = await this.#types.byId(btfId)
      const decoder = btf && recordDecoder(btf, type)
      if (decoder) return decoder
    }
    return undefined
  }

  async *#typesBeside(map: BpfMap): AsyncGenerator<number> {
    yield map.info.btfId
    for await (const id of this.programIds()) {
      await using program = await this.program(id)
      const { mapIds, btfId } = await program.info()
      if (mapIds.includes(map.info.id)) yield btfId
    }
  }

  /** The lines of source that a program comes from, by the instructions where they begin; empty if nobody said so when it was loaded. */
  async sourceLines(program: Program): Promise<ReadonlyMap<number, SourceLine>> {
    const [info, { btfId }] = [await program.lineInfo(), await program.info()]
    if (info.length === 0 || btfId === 0) return new Map()
    return sourceLines(info, await this.#types.bytes(btfId))
  }

  /** Opens a program by id. KernelError ENOENT, EPERM. */
  async program(id: number): Promise<Program> {
    return new Program(this.#calls, await this.#byId(C.progGetFdById, `open program #${id}`, id), `#${id}`)
  }

  async map(id: number): Promise<BpfMap> {
    return await BpfMap.of(this.#calls, this.#types, await this.#byId(C.mapGetFdById, `open map #${id}`, id))
  }

  async linkById(id: number): Promise<Link> {
    return new Link(this.#calls, await this.#byId(C.linkGetFdById, `open link #${id}`, id), `#${id}`)
  }

  /**
   * What programs print with bpf_printk, from what nobody has read yet on. On Linux it is the whole machine's, and who reads a line takes
   * it. KernelError EACCES, ENOENT.
   */
  async traceLines(): Promise<TraceLines> {
    return new TraceLines(await this.#calls.door('read what programs print').tracePipe())
  }

  /** Ids of all programs, ascending. KernelError EPERM. */
  programIds(): AsyncGenerator<number, void, undefined> {
    return this.#ids(C.progGetNextId, 'list programs')
  }

  mapIds(): AsyncGenerator<number, void, undefined> {
    return this.#ids(C.mapGetNextId, 'list maps')
  }

  linkIds(): AsyncGenerator<number, void, undefined> {
    return this.#ids(C.linkGetNextId, 'list links')
  }

  /** Opens what is pinned under a path. KernelError ENOENT; the kind is not checked: what is asked of another is refused. */
  async pinnedProgram(path: string): Promise<Program> {
    return new Program(this.#calls, await this.#pinned(path), path)
  }

  async pinnedMap(path: string): Promise<BpfMap> {
    return await BpfMap.of(this.#calls, this.#types, await this.#pinned(path))
  }

  async pinnedLink(path: string): Promise<Link> {
    return new Link(this.#calls, await this.#pinned(path), path)
  }

  /**
   * Has the kernel count and time runs of programs, of all, until what this resolves with is closed; it costs some ns a run. KernelError
   * EPERM without CAP_SYS_ADMIN.
   */
  async enableStats(): Promise<AsyncDisposable> {
    const op = 'count runs of programs'
    const { result } = await this.#calls.call(C.enableStats, { op, values: {} })
    return { [Symbol.asyncDispose]: () => this.#calls.door(op).closeFile(result) }
  }

  /** Paths of all that is pinned. */
  pins(): Promise<readonly string[]> {
    return this.#calls.door('list pins').pins.list()
  }

  /** Makes a folder for pins, and those above it. */
  makePinFolder(path: string): Promise<void> {
    return this.#calls.door('make a folder').pins.makeFolder(path)
  }

  /** Takes a pin away. What it held goes if nothing else holds it: a link, and with it the program from its device. KernelError ENOENT. */
  unpin(path: string): Promise<void> {
    return this.#calls.door('unpin').pins.remove(path)
  }

  /** Opens what is pinned under a path, whatever it is. */
  async pinned(path: string): Promise<Program | BpfMap | Link> {
    const fd = await this.#pinned(path)
    const kind = await objectKind(this.#calls, fd)
    if (kind === 'map') return await BpfMap.of(this.#calls, this.#types, fd)
    return kind === 'link' ? new Link(this.#calls, fd, path) : new Program(this.#calls, fd, path)
  }

  async #byId(command: BpfCommand<ById>, op: string, id: number): Promise<number> {
    return (await this.#calls.call(command, { op, values: { id } })).result
  }

  async *#ids(command: BpfCommand<NextId>, op: string): AsyncGenerator<number, void, undefined> {
    for (let startId = 0; ; ) {
      const { attr, refusal } = await this.#calls.attempt(command, { op, values: { startId } })
      if (refusal?.code === 'ENOENT') return
      if (refusal) throw refusal
      startId = attr.nextId
      yield startId
    }
  }

  async #pinned(path: string): Promise<number> {
    const op = `open ${path}`
    const pathname = this.#calls.text(op, path)
    const values = { pathname: pathname.address }
    return (await this.#calls.call(C.objGet, { op, values, memory: [pathname] })).result
  }
}

const C = BPF_COMMANDS
type ById = (typeof C.progGetFdById)['attr']['members']
type NextId = (typeof C.progGetNextId)['attr']['members']
