import type { Process } from '@netkit/kernel'
import {
  errnoName,
  IO_CQRING_OFFSETS,
  IO_SQRING_OFFSETS,
  IO_URING_CQE,
  IO_URING_PARAMS,
  IORING_ENTER_GETEVENTS,
  IORING_OFF_SQ_RING,
  IORING_OFF_SQES,
  IORING_REGISTER_ZCRX_CTRL,
  IORING_REGISTER_ZCRX_IFQ,
  type IoUringHandle,
  type KernelDoors,
  KernelError,
  ZCRX_CTRL,
  ZCRX_CTRL_EXPORT,
} from '@netkit/netlink'
import type { CaseMemory, Fields } from './structures.ts'

const KINDS = ['reg', 'area', 'region', 'event', 'ctrl', 'sqe'] as const
type Kind = (typeof KINDS)[number]

/** What is changed of a call that would be taken. */
export type Fault = Partial<Readonly<Record<Kind, Fields>>> & {
  readonly name: string
  /** Done by someone without privileges. */
  readonly user?: number
  /** Flags of the ring. */
  readonly ring?: string
  readonly argument?: string
  readonly count?: number
}

export interface Table {
  readonly call: 'registration' | 'control' | 'submission'
  readonly base: Partial<Readonly<Record<Kind, Fields>>>
  readonly faults: readonly Fault[]
}

export interface Client {
  readonly doors: KernelDoors
  readonly memory: CaseMemory
  readonly process: Process
}

const SETUP = '0x3800'
const ENTRIES = 8

/** Makes the call of a table with all the faults at once: 0, or the name of what refused it. As in ask.py. */
export function ask({ call, base }: Table, faults: readonly Fault[], client: Client): string {
  const { memory } = client
  const used = call === 'registration' && !base.region ? exported(client) : undefined
  write(memory, base, faults)
  const { ring, params } = setUp(client, faults.find((fault) => fault.ring)?.ring ?? SETUP)
  const argument = faults.find((fault) => fault.argument)?.argument
  const count = faults.find((fault) => fault.count !== undefined)?.count
  try {
    if (call === 'registration') {
      return register(ring, IORING_REGISTER_ZCRX_IFQ, memory.address(argument ?? 'structs'), count ?? 1)
    }
    makeInstance(client, ring)
    return call === 'control'
      ? register(ring, IORING_REGISTER_ZCRX_CTRL, memory.address(argument ?? 'structs+384'), count ?? 0)
      : submit(memory, ring, params)
  } finally {
    ring.close()
    used?.close()
  }
}

function write(memory: CaseMemory, base: Table['base'], faults: readonly Fault[]): void {
  const event = faults.some((fault) => 'event' in fault) ? { event_desc: 'structs+288' } : {}
  for (const [n, kind] of KINDS.entries()) {
    const fields = Object.assign(
      {},
      base[kind],
      kind === 'reg' ? event : {},
      ...faults.map((fault) => fault[kind] ?? {}),
    )
    memory.put(kind, memory.address(`structs+${96 * n}`), fields)
  }
}

function setUp({ doors }: Client, flags: string): { readonly ring: IoUringHandle; readonly params: DataView } {
  const bytes = new Uint8Array(IO_URING_PARAMS.size)
  const params = new DataView(bytes.buffer)
  params.setUint32(IO_URING_PARAMS.flags, Number(flags), true)
  if (!doors.zcrx) throw new Error('this kernel has no io_uring')
  return { ring: doors.zcrx.setup(ENTRIES, bytes), params }
}

function register(ring: IoUringHandle, opcode: number, argument: number, count: number): string {
  try {
    return String(ring.register(opcode, argument, count))
  } catch (error) {
    if (error instanceof KernelError) return error.code
    throw error
  }
}

/** Registers without a device, so that there is something to use. */
function makeInstance({ memory }: Client, ring: IoUringHandle): void {
  const at = memory.address('structs+1024')
  memory.put('reg', at, {
    rq_entries: 64,
    flags: 2,
    area_ptr: 'structs+1152',
    region_ptr: 'structs+1280',
    event_desc: 'structs+1408',
  })
  memory.put('area', memory.address('structs+1152'), { addr: 'mem', len: 65536 })
  memory.put('region', memory.address('structs+1280'), { user_addr: 'ring', size: 8192, flags: 1 })
  memory.put('event', memory.address('structs+1408'), { type_mask: 3 })
  ring.register(IORING_REGISTER_ZCRX_IFQ, at, 1)
}

/** An instance of another ring, whose descriptor cases call `@exported`. */
function exported(client: Client): { close(): void } {
  const { memory, doors, process } = client
  const owner = process.credentials
  // Whoever imports may have lost the privileges that it was made with.
  process.credentials = { ...owner, capabilities: ~0n }
  const { ring } = setUp(client, SETUP)
  makeInstance(client, ring)
  process.credentials = owner
  const at = memory.address('structs+1536')
  memory.put('ctrl', at, { op: ZCRX_CTRL_EXPORT })
  ring.register(IORING_REGISTER_ZCRX_CTRL, at, 0)
  const fd = memory.view.getUint32(at + ZCRX_CTRL.data, true)
  memory.name('@exported', fd)
  return {
    close() {
      ring.close()
      doors.zcrx?.closeFile(fd)
    },
  }
}

/** Hands the request over and reads its completion. */
function submit(memory: CaseMemory, ring: IoUringHandle, params: DataView): string {
  const { sqOff, cqOff } = IO_URING_PARAMS
  const rings = ring.mmap(4096 / 8, IORING_OFF_SQ_RING)
  const sqes = ring.mmap(64 * ENTRIES, IORING_OFF_SQES)
  const from = memory.address('structs+480')
  new Uint8Array(memory.memory.buffer).copyWithin(sqes.address, from, from + 64)
  const tail = rings.address + params.getUint32(sqOff + IO_SQRING_OFFSETS.tail, true)
  memory.view.setUint32(tail, 1, true)
  ring.enter(1, IORING_ENTER_GETEVENTS)
  const cqes = rings.address + params.getUint32(cqOff + IO_CQRING_OFFSETS.cqes, true)
  const result = memory.view.getInt32(cqes + IO_URING_CQE.res, true)
  rings.unmap()
  sqes.unmap()
  return result < 0 ? errnoName(-result) : String(result)
}
