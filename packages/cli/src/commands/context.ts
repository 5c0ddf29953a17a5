import type { KernelDoors } from '@netkit/netlink'
import type { KernelName } from '../grammar/values.ts'
import type { ReplayKernel } from './replay-kernel.ts'

/**
 * The world of a command: everything it may touch, handed in, so that a page in a browser can run the same commands as a
 * terminal. What a place does not have is absent, and commands that need it say so.
 */
export interface Context {
  /**
   * Opens a kernel for commands to talk to: the one that `-kernel` or NETKIT_KERNEL names, else the embedded one. Called
   * when a command first needs it, once a run; the run closes it. Rejects where there is no such kernel.
   */
  kernel(name: KernelName): Promise<KernelDoors>
  /** Standard output. A promise is awaited before more is written. */
  write(text: string): void | Promise<void>
  /** Standard error. */
  writeError(text: string): void
  /** Columns of the terminal. Default: 80. */
  readonly width?: number
  /** Whether output goes where colours are shown: what `-color=auto` goes by. */
  readonly colors?: boolean
  /** A terminal to draw on and to read keys from. Absent where output or input is none. */
  readonly screen?: () => Screen
  /** What a user set to change how commands behave: NO_COLOR, NETKIT_KERNEL. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Release of the command, for `--version`. */
  readonly version: string
  /** Wall clock, in ms since 1970. */
  now(): number
  /** Aborted when the user interrupts: commands that run until then end cleanly, with status 0. */
  readonly interrupted: AbortSignal
  readonly files?: Files
  /** What machine this is, and who asks, for `netkit doctor`. Absent in a page. */
  readonly machine?: () => Promise<Machine>
  /** `netkit kernel ...`: the process that keeps the embedded kernel. */
  readonly control?: KernelControl
  /** A fresh kernel for `netkit replay`, one a file; of the machine's Linux, fresh namespaces. */
  readonly replay?: (name: KernelName) => Promise<ReplayKernel>
}

/** A terminal that a command has to itself, until it closes it. */
export interface Screen {
  readonly columns: number
  readonly rows: number
  /** Called for each key, as the terminal sends it, and with an empty text when the size has changed. */
  listen(pressed: (key: string) => void): void
  close(): void
}

/** A machine, as far as it tells without asking a kernel for anything. */
export interface Machine {
  /** `linux`, `darwin`; `x64`, `arm64`. */
  readonly platform: string
  readonly architecture: string
  /** Why the machine's own Linux cannot be reached; undefined if it can. */
  readonly unreachable: string | undefined
  readonly caller: Caller | undefined
  /** Drivers of NICs by the names of their devices. */
  readonly drivers: ReadonlyMap<string, string>
}

/** Who runs the command on the machine's own Linux. */
export interface Caller {
  readonly uid: number
  /** Effective ones, by name: `CAP_NET_ADMIN`. */
  readonly capabilities: ReadonlySet<string>
  /** Whether the user namespace is the machine's first one: only there capabilities reach NICs. */
  readonly initialUserNamespace: boolean
  /** Whether system calls are filtered, so that one may be refused whatever the capabilities. */
  readonly filtered: boolean
}

/** Files by path, as the user writes them. Failures are Errors whose message says what and why, with the path in it. */
export interface Files {
  /** `-` is standard input. */
  read(path: string): Promise<Uint8Array>
  /** Creates or replaces a file. `-` is standard output. */
  create(path: string): Promise<FileSink>
  /** The path as another process with another working directory can open it. Absent: the kernel has no files of its own. */
  absolute?(path: string): string
}

export interface FileSink {
  write(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** What a new kernel is to be. */
export interface KernelStart {
  /** Release of Linux that it answers as. */
  readonly release?: string
  /** What it is to do beyond Linux. */
  readonly extensions?: readonly string[]
}

/** The process that keeps the embedded kernel, as seen from outside. */
export interface KernelControl {
  /** Starts it unless it runs. `started`: whether it had to. */
  start(options?: KernelStart): Promise<{ readonly started: boolean; readonly status: KernelStatus }>
  /**
   * Ends it. Configuration is there again when it is started again, unless `discard`: then all that lives in it is forgotten,
   * also if none runs. False if none ran.
   */
  stop(options?: { readonly discard?: boolean }): Promise<boolean>
  /** Undefined if none runs. Never starts one. */
  status(): Promise<KernelStatus | undefined>
  /** Lines of its log, oldest first. `follow`: go on with new ones until aborted. */
  log(options: { readonly lines?: number; readonly follow?: AbortSignal }): AsyncIterable<string>
}

export interface KernelStatus {
  readonly pid: number
  /** Release of the command that it was started from, and the kernel release it answers as. */
  readonly version: string
  readonly release: string
  readonly extensions?: readonly string[]
  readonly socket: string
  readonly journal?: string
  /** ms since 1970. */
  readonly startedAt: number
  readonly clients: number
  readonly namespaces: number
  readonly devices: number
  readonly leases: number
  /** Resident set size, bytes. */
  readonly memory: number
  /** Bytes of the journal on disk. */
  readonly journalBytes?: number
  /** How clients are identified: `SO_PEERCRED`, or `file modes` where the machine cannot tell. */
  readonly identifiedBy?: string
}
