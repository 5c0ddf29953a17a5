import {
  type Code,
  type Engine,
  type Helper,
  helperId,
  kernelFunctionIds,
  noInvoke,
  opAt,
  PROG_TYPE,
  type Runnable,
  type WasmMachine,
  wasmEngine,
} from '@netkit/bpf'
import type { ProgramSocket, ProgramSockets } from '../../net/program-sockets.ts'
import type { Redirects } from '../../net/redirect.ts'
import type { XdpPath } from '../../net/xdp-run.ts'
import type { World } from '../../world.ts'
import type { Contexts } from '../context/contexts.ts'
import { bindHelper } from './bind-helper.ts'
import { DYNPTR_FUNCTIONS } from './helpers/dynptr-functions.ts'
import { DYNPTRS } from './helpers/dynptrs.ts'
import { FIBS } from './helpers/fib.ts'
import type { HelperRow, HelperWorld } from './helpers/helper.ts'
import { ITERATORS } from './helpers/iterators.ts'
import { LOCKS } from './helpers/locks.ts'
import { MAP_FUNCTIONS, MAPS } from './helpers/maps.ts'
import { MTU } from './helpers/mtu.ts'
import { PACKET_BYTES } from './helpers/packet-bytes.ts'
import { PACKET_CHECKSUMS } from './helpers/packet-checksums.ts'
import { PACKET_HASH } from './helpers/packet-hash.ts'
import { PACKET_MARKS } from './helpers/packet-marks.ts'
import { PACKET_OWNER } from './helpers/packet-owner.ts'
import { PACKET_PROTOCOL } from './helpers/packet-protocol.ts'
import { PACKET_ROOM } from './helpers/packet-room.ts'
import { PACKET_SIZE } from './helpers/packet-size.ts'
import { PACKET_TUNNEL } from './helpers/packet-tunnel.ts'
import { PACKET_VLAN } from './helpers/packet-vlan.ts'
import { PERF } from './helpers/perf.ts'
import { PRINT } from './helpers/print.ts'
import { REDIRECTS } from './helpers/redirect.ts'
import { RINGS } from './helpers/rings.ts'
import { SECTIONS } from './helpers/sections.ts'
import { SOCKET_STORAGE } from './helpers/socket-storage.ts'
import { SOCKETS } from './helpers/sockets.ts'
import { STRINGS } from './helpers/strings.ts'
import { SYN_COOKIES } from './helpers/syn-cookies.ts'
import { TASK } from './helpers/task.ts'
import { TEXT } from './helpers/text.ts'
import { TIME } from './helpers/time.ts'
import { TIMERS } from './helpers/timers.ts'
import { XDP } from './helpers/xdp.ts'
import type { ProgramMemory } from './memory.ts'
import { packetLoad } from './packet-load.ts'
import { SocketBlocks } from './socket-blocks.ts'
import { SocketStorages } from './socket-storages.ts'
import { SpecialValues } from './special-values.ts'
import { SynCookies } from './syn-cookies.ts'
import { Timers } from './timers.ts'
import { TraceLog } from './trace-log.ts'
import { TunnelKey } from './tunnel-key.ts'

const ROWS: readonly HelperRow[] = [
  ...MAPS,
  ...TIME,
  ...RINGS,
  ...PERF,
  ...REDIRECTS,
  ...FIBS,
  ...MTU,
  ...PACKET_BYTES,
  ...PACKET_CHECKSUMS,
  ...PACKET_HASH,
  ...PACKET_MARKS,
  ...PACKET_OWNER,
  ...PACKET_PROTOCOL,
  ...PACKET_ROOM,
  ...PACKET_SIZE,
  ...PACKET_TUNNEL,
  ...PACKET_VLAN,
  ...LOCKS,
  ...TIMERS,
  ...TEXT,
  ...PRINT,
  ...TASK,
  ...SOCKETS,
  ...SOCKET_STORAGE,
  ...SYN_COOKIES,
  ...DYNPTRS,
]

/** Functions of the kernel, by their BTF ids. */
const FUNCTION_ROWS: ReadonlyMap<number, HelperRow> = functionRows([
  ...ITERATORS,
  ...DYNPTR_FUNCTIONS,
  ...SECTIONS,
  ...STRINGS,
  ...MAP_FUNCTIONS,
])

function functionRows(rows: readonly HelperRow[]): Map<number, HelperRow> {
  const ids = kernelFunctionIds()
  return new Map(rows.flatMap((row) => (ids.has(row.name) ? [[ids.get(row.name) as number, row]] : [])))
}

/** BTF ids of the functions of the kernel that programs can call here. */
export const AVAILABLE_FUNCTIONS: ReadonlySet<number> = new Set(FUNCTION_ROWS.keys())

/** What a loaded program is run by. */
export interface Loaded {
  /** From 1 on; free again once it is unloaded. */
  readonly number: number
  readonly runnable: Runnable
}

/** Behind it are the ids of what XDP programs call: some helpers are others for them. */
const OWN_HELPERS = 0x1_0000
const OWN_IDS: ReadonlySet<number> = new Set(XDP.map(({ name }) => idOf(name)))

/** Cookies of sockets of test runs: none that is opened gets that far. */
const FIRST_TEST_SOCKET = 0x4000_0000
const RESULT_CELL_BYTES = 8
const TAIL_CALL_CELL_BYTES = 4

/** What the programs of one kernel run on: the engine and its helpers. Nothing is set up before the first program. */
export class BpfRuntime {
  readonly #memory: ProgramMemory
  readonly #contexts: Contexts
  readonly #redirects: Redirects
  readonly #xdp: XdpPath
  readonly #world: World
  readonly #epoch: bigint
  #engine: Engine | undefined
  readonly #runnables = new Map<number, Runnable>()
  /** What programs print. */
  readonly trace = new TraceLog()
  readonly timers: Timers
  readonly special: SpecialValues
  /** The sockets that programs can look for. */
  sockets: ProgramSockets | undefined
  readonly #socketBlocks: SocketBlocks
  readonly storages: SocketStorages
  /** The socket that packets of a test run come from, while there is one. */
  #testSocket: ProgramSocket | undefined
  #testSockets = FIRST_TEST_SOCKET
  /** Who reads a ring buffer or perf buffer: told when something was written to any. */
  readonly recordReaders = new Set<() => void>()

  constructor(
    memory: ProgramMemory,
    contexts: Contexts,
    redirects: Redirects,
    xdp: XdpPath,
    world: World,
    epoch: bigint,
  ) {
    this.#memory = memory
    this.#contexts = contexts
    this.#redirects = redirects
    this.#xdp = xdp
    this.#world = world
    this.#epoch = epoch
    this.timers = new Timers(memory, contexts, world, () => this.#runnables.values().next().value)
    this.special = new SpecialValues(memory, this.timers)
    this.#socketBlocks = new SocketBlocks(memory)
    this.storages = new SocketStorages(memory, (number) => this.#socket(number) !== undefined)
    contexts.sender = (number, before) => this.#sender(number, before)
  }

  /** Makes a verified program ready. Undefined: there is no memory. */
  load(name: string, code: Code, progType: number): Loaded | undefined {
    this.#engine ??= this.#makeEngine()
    // The outermost context is made now, so that runs do not fail for lack of it.
    if (!this.#engine || !(this.#contexts.free ?? this.#contexts.make())) return undefined
    let number = 1
    while (this.#runnables.has(number)) number++
    const runnable = this.#engine.load({
      number,
      name,
      code: progType === PROG_TYPE.xdp ? withOwnHelpers(code) : code,
    })
    this.#runnables.set(number, runnable)
    return { number, runnable }
  }

  /** Address of what programs see of a packet's sender, in the place of what they saw before; 0 if there is none. */
  #sender(number: number, before: number): number {
    if (before !== 0) this.#socketBlocks.release(before)
    const socket = number === 0 ? undefined : this.#socket(number)
    return socket ? this.#socketBlocks.take(socket) : 0
  }

  #socket(number: number): ProgramSocket | undefined {
    return this.#testSocket?.number === number ? this.#testSocket : this.sockets?.get(number)
  }

  /** Runs something over a packet that comes from a socket which is there only meanwhile. */
  withTestSocket<T>(make: (number: number) => ProgramSocket, run: (number: number) => T): T {
    const outer = this.#testSocket
    const number = this.#testSockets++
    this.#testSocket = make(number)
    try {
      return run(number)
    } finally {
      this.storages.forgetSocket(number)
      this.#testSocket = outer
    }
  }

  /** Elements of prog arrays have changed. */
  progArraysChanged(): void {
    this.#engine?.progArraysChanged()
  }

  unload(number: number): void {
    this.#engine?.unload(number)
    this.#runnables.delete(number)
  }

  #makeEngine(): Engine | undefined {
    const resultCell = this.#memory.reserve(RESULT_CELL_BYTES + TAIL_CALL_CELL_BYTES)
    if (resultCell === 0) return undefined
    const helpers = new Map<number, Helper>()
    const kfuncs = new Map<number, Helper>()
    const machine: WasmMachine = {
      memory: this.#memory.packets.memory,
      helpers,
      kfuncs,
      resultCell,
      tailCallCell: resultCell + RESULT_CELL_BYTES,
      invoke: noInvoke,
      packetLoad: (ctx, offset, bytes) => packetLoad(this.#contexts, resultCell, ctx, offset, bytes),
    }
    const of: HelperWorld = {
      memory: this.#memory,
      world: this.#world,
      epoch: this.#epoch,
      contexts: this.#contexts,
      redirects: this.#redirects,
      xdp: this.#xdp,
      recordReaders: this.recordReaders,
      trace: this.trace,
      timers: this.timers,
      special: this.special,
      tunnel: new TunnelKey(),
      sockets: () => this.sockets,
      socket: (number) => this.#socket(number),
      storages: this.storages,
      cookies: new SynCookies(this.#world),
      socketBlocks: this.#socketBlocks,
      resultCell,
      invoke: (func, r1, r2, r3, r4) => machine.invoke(func, r1, r2, r3, r4),
    }
    for (const row of ROWS) helpers.set(idOf(row.name), bindHelper(row, of))
    for (const row of XDP) helpers.set(OWN_HELPERS + idOf(row.name), bindHelper(row, of))
    for (const [id, row] of FUNCTION_ROWS) kfuncs.set(id, bindHelper(row, of))
    return wasmEngine(machine)
  }
}

function idOf(name: string): number {
  const id = helperId(name)
  if (id === undefined) throw new Error(`there is no helper ${name}`)
  return id
}

function withOwnHelpers(code: Code): Code {
  const imm = code.imm.slice()
  for (let slot = 0; slot < code.length; slot++) {
    const op = opAt(code, slot)
    if (op.kind === 'call' && op.callee === 'helper' && OWN_IDS.has(imm[slot])) imm[slot] += OWN_HELPERS
  }
  return { ...code, imm }
}
