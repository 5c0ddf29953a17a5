import { ATTACH_FLAG } from '@netkit/bpf'
import { InputError } from '../../input/input-error.ts'
import { Link } from '../files/link.ts'
import type { Program } from '../files/program.ts'

/** An attached program that a position refers to: itself, its link, or either by id. */
export type Anchor = Program | Link | { readonly programId: number } | { readonly linkId: number }

/** Where in a list of programs; at most one of `before`, `after` and `first`. Default: behind all others. */
export interface Position {
  readonly before?: Anchor
  readonly after?: Anchor
  /** Before all others. */
  readonly first?: boolean
  /** Only if the list is as it was when a query told this revision: KernelError ESTALE if not. */
  readonly expectedRevision?: bigint
}

/** A position as requests have it. Source: spec 02 §2.6. */
export interface PositionValues {
  readonly flags: number
  readonly relative: number
  readonly expectedRevision: bigint
}

const { before: BEFORE, after: AFTER, id: ID, link: LINK } = ATTACH_FLAG

export function positionValues(op: string, position: Position): PositionValues {
  const { before, after, first, expectedRevision = 0n } = position
  if ([before, after, first || undefined].filter((one) => one !== undefined).length > 1)
    throw new InputError(op, 'before', 'cannot go with after or first: there is one place')
  if (first) return { flags: BEFORE, relative: 0, expectedRevision }
  const anchor = before ?? after
  if (!anchor) return { flags: 0, relative: 0, expectedRevision }
  const { flags, relative } = anchorValues(anchor)
  return { flags: flags | (before ? BEFORE : AFTER), relative, expectedRevision }
}

function anchorValues(anchor: Anchor): Pick<PositionValues, 'flags' | 'relative'> {
  if ('linkId' in anchor) return { flags: LINK | ID, relative: anchor.linkId }
  if ('programId' in anchor) return { flags: ID, relative: anchor.programId }
  return { flags: anchor instanceof Link ? LINK : 0, relative: anchor.fd }
}
