import type { ListedProgram, ProgramList } from './program-list.ts'

/** What a packet is shown to a program as: the arguments and the answer of its compiled form are the datapath's business. */
export interface RunnableProgram extends ListedProgram {
  /** Runs it over a context in packet memory; the low 32 bits of R0, signed. */
  readonly run: (context: number) => number
  hold(): void
  release(): void
}

/** The lists of programs that a device runs. Absent: none was ever attached there. Source: spec 02 §2.3. */
export interface DevicePrograms {
  /** Run when it transmits: BPF_NETKIT_PRIMARY on a primary, BPF_NETKIT_PEER on the other end. */
  netkit?: ProgramList<RunnableProgram>
  /** Run when it has received, and before it sends. */
  tcxIngress?: ProgramList<RunnableProgram>
  tcxEgress?: ProgramList<RunnableProgram>
}

/** A device goes: programs are let go of, links have lost their place. Source: spec 02 §2.9, device removal. */
export function releasePrograms(dev: { programs: DevicePrograms | undefined }): void {
  const { netkit, tcxIngress, tcxEgress } = dev.programs ?? {}
  dev.programs = undefined
  for (const list of [netkit, tcxIngress, tcxEgress]) {
    for (const { program, link } of list?.entries ?? []) {
      if (link) link.lost()
      else program.release()
    }
    list?.change([])
  }
}
