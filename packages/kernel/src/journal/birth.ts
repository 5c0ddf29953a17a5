import { NEWEST_RELEASE } from '@netkit/netlink'
import { JournalError } from './journaled-world.ts'

/** What a kernel is made with, and what has to be the same when it is made anew. */
export interface Birth {
  /** Nanoseconds since 1970 of its moment 0. */
  readonly epoch: bigint
  /** Release that it answers as. Default: 7.3, as of journals that do not say it. */
  readonly release?: string
}

const UNSAID = '7.3'

/** As the first event of a journal has it. */
export const writeBirth = ({ epoch, release = NEWEST_RELEASE }: Birth): unknown =>
  release === UNSAID ? String(epoch) : { epoch: String(epoch), release }

/** Throws JournalError. */
export function readBirth(args: unknown): Birth {
  const { epoch, release } = (typeof args === 'string' ? { epoch: args } : args) as { epoch?: string; release?: string }
  if (epoch === undefined) throw new JournalError('the start of the kernel does not say when it was')
  return { epoch: BigInt(epoch), release }
}

/** A kernel goes on as the release that it was. Throws JournalError where another one is wanted. */
export function checkRelease({ release = UNSAID }: Birth, wanted: string | undefined): void {
  if (wanted === undefined || wanted === release) return
  throw new JournalError(
    `what is kept here answers as Linux ${release}, not ${wanted}: discard it first, or keep the other elsewhere`,
  )
}
