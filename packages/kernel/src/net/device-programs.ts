import type { Device } from './device.ts'
import type { ListEntry, ListedProgram, ProgramList } from './program-list.ts'

/** What has to be done around a run. */
export interface ProgramNeeds {
  /** Nothing at all. */
  readonly isNone: boolean
  /** Fields of its context that it looks at or writes to: bits of bpf/context, by type. */
  readonly fills: number
  /** Those that are taken over from there afterwards. */
  readonly takes: number
  /** It writes to the packet: the linear part must not be shared. */
  readonly owns: boolean
  /** It reads tstamp_type, and with it timestamps as they are. */
  readonly readsClock: boolean
}

/** A program that can be run over packets, by {@link PacketPrograms}. */
export interface RunnableProgram extends ListedProgram {
  /** As its loader calls it; may be empty. */
  readonly name: string
  readonly needs: ProgramNeeds
  /** ATTACH_TYPE that it was loaded for. */
  readonly expectedAttachType: number
  /** Of XDP programs: takes packets that lie in several buffers. */
  readonly takesFragments: boolean
  /** Runs it over the context at `context`, on the stack that ends at `stack`; the low 32 bits of R0, signed. */
  execute(context: number, stack: number): number
  hold(): void
  release(): void
}

/** Where programs are run over packets. */
export const HOOK = { netkit: 0, tcxIngress: 1, tcxEgress: 2, test: 3, xdp: 4 } as const
export type Hook = (typeof HOOK)[keyof typeof HOOK]

/** What programs of lists answer to let the next one decide. */
export const VERDICT_NEXT = -1
export const VERDICT_PASS = 0
/** DROP of netkit, SHOT of tc. */
export const VERDICT_DROP = 2
export const VERDICT_REDIRECT = 7

/** The part of a packet's context that belongs to a run. */
export interface RunControl {
  /** 5 words. */
  readonly cb: Uint8Array
  wireLength: number
}

type Entries = readonly ListEntry<RunnableProgram>[]

/** Runs programs over packets: the one way, whoever asks. The packet stays with the caller, whatever the verdict. */
export interface PacketPrograms {
  /**
   * Runs SCHED_CLS programs in order until one answers something else than `VERDICT_NEXT`; the last answer, or `VERDICT_NEXT` for no
   * program at all. `dev` is the device that programs see: of netkit the receiving end. At tc ingress the link-layer header is
   * pushed back for the run.
   */
  run(entries: Entries, dev: Device, handle: number, hook: Hook): number
  /** Runs a SCHED_CLS program again and again over the same packet; its last answer. `control`: what it finds in cb and wire_len, and leaves. */
  runRepeatedly(program: RunnableProgram, dev: Device, handle: number, times: number, control: RunControl): number
  /** Runs an XDP program; its action, 0 (aborted) if there is no memory for a run. `egress`: ifindex, of programs of device maps. */
  runXdp(program: RunnableProgram, dev: Device, handle: number, queue: number, egress: number): number
}

/** The lists of programs that a device runs. Absent: none was ever attached there. Source: spec 02 §2.3. */
export interface DevicePrograms {
  /** Run when it transmits: BPF_NETKIT_PRIMARY on a primary, BPF_NETKIT_PEER on the other end. */
  netkit?: ProgramList<RunnableProgram>
  /** Run when it has received, and before it sends. */
  tcxIngress?: ProgramList<RunnableProgram>
  tcxEgress?: ProgramList<RunnableProgram>
  /** XDP programs of a netkit device, one at most, beyond Linux: over what an AF_XDP application sends by its leased queues, and over
   *  what its own stack sends. Source: spec 03 §8.1. */
  xdpEgress?: ProgramList<RunnableProgram>
  xdpInject?: ProgramList<RunnableProgram>
}

/** A device goes: programs are let go of, links have lost their place. Source: spec 02 §2.9, device removal. */
export function releasePrograms(dev: { programs: DevicePrograms | undefined }): void {
  const lists = Object.values(dev.programs ?? {})
  dev.programs = undefined
  for (const list of lists) {
    for (const { program, link } of list?.entries ?? []) {
      if (link) link.lost()
      else program.release()
    }
    list?.change([])
  }
}
