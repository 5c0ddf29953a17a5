import type { Helper, MapMemory } from '@netkit/bpf'
import type { ProgramSocket, ProgramSockets } from '../../../net/program-sockets.ts'
import type { Redirects } from '../../../net/redirect.ts'
import type { XdpPath } from '../../../net/xdp-run.ts'
import type { World } from '../../../world.ts'
import type { Contexts } from '../../context/contexts.ts'
import type { SocketBlocks } from '../socket-blocks.ts'
import type { SocketStorages } from '../socket-storages.ts'
import type { SpecialValues } from '../special-values.ts'
import type { SynCookies } from '../syn-cookies.ts'
import type { Timers } from '../timers.ts'
import type { TraceLog } from '../trace-log.ts'
import type { TunnelKey } from '../tunnel-key.ts'

/** What the bodies of helpers work with. */
export interface HelperWorld {
  readonly memory: MapMemory
  /** The packets that programs run over. */
  readonly contexts: Contexts
  /** Where they want packets to go. */
  readonly redirects: Redirects
  readonly xdp: XdpPath
  readonly world: World
  /** Time of day of the world's moment 0, in ns. */
  readonly epoch: bigint
  /** Told when something was written to a ring buffer or perf buffer: those who read one. */
  readonly recordReaders: ReadonlySet<() => void>
  /** Where they print. */
  readonly trace: TraceLog
  readonly timers: Timers
  /** Members of maps' values that only helpers touch. */
  readonly special: SpecialValues
  /** The tunnel key that they set. */
  readonly tunnel: TunnelKey
  /** Undefined before there are any. */
  readonly sockets: () => ProgramSockets | undefined
  /** The open socket that a packet which it sends has the number of. */
  readonly socket: (number: number) => ProgramSocket | undefined
  /** Those that programs hold. */
  readonly socketBlocks: SocketBlocks
  /** What they keep with sockets. */
  readonly storages: SocketStorages
  readonly cookies: SynCookies
  /** Where results of 64 bits are put. */
  readonly resultCell: number
  /** Calls a callback of the program that runs. */
  readonly invoke: (func: number, r1: number, r2: number, r3: number, r4: number) => number
}

/** A helper by the name that programs know it by, without `bpf_`. */
export interface HelperRow extends Pick<Helper, 'args' | 'returns'> {
  readonly name: string
  readonly body: (of: HelperWorld, ...args: number[]) => number
}
