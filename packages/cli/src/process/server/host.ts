import type { Journal, Kernel } from '@netkit/kernel'
import type { Log } from './log.ts'

/** What the parts of the kernel process share. */
export interface Host {
  readonly kernel: Kernel
  readonly journal: Journal
  readonly log: Log
  /** Release of the command. */
  readonly version: string
  readonly socketPath: string
  readonly journalPath: string
  /** ms since 1970. */
  readonly startedAt: number
  /** How clients are told apart: `SO_PEERCRED` or `file modes`. */
  readonly identifiedBy: string
  /** Connections that are open. */
  connections(): number
  /** Bytes of the journal on disk. */
  journalBytes(): number
  /** Ends the process when what is being answered has been answered. `discard`: what it keeps is forgotten. */
  stop(options: { readonly discard: boolean }): void
}
