import { ATTACH_FLAG } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import {
  type ListEntry,
  type ListedLink,
  type ListedProgram,
  MAX_PROGRAMS,
  type ProgramList,
} from '../../net/program-list.ts'
import { type Position, resolveIndex } from './position.ts'

/** What is put into a list. */
export interface Insertion<P extends ListedProgram> extends Position {
  readonly program: P
  /** The link that is made for it. */
  readonly link?: ListedLink
  /** With REPLACE: the program whose place it takes. */
  readonly old?: ListedProgram
}

/** Puts a program into a list; 0 or a negative errno, in Linux's order of checks. Source: spec 02 §2.6. */
export function insertProgram<P extends ListedProgram>(list: ProgramList<P>, what: Insertion<P>): number {
  const { program, link, old, flags } = what
  if (what.expectedRevision !== 0n && what.expectedRevision !== list.revision) return -errno.ESTALE
  if (list.indexOfProgram(program) >= 0) return -errno.EEXIST
  const relative = what.relative()
  if (typeof relative === 'number') return relative
  if (relative && relative.program.type !== program.type) return -errno.EINVAL
  const replaces = (flags & ATTACH_FLAG.replace) !== 0
  let known: number | undefined
  if (replaces) {
    known = old ? list.indexOfProgram(old) : -1
    if (known < 0) return -errno.ENOENT
    if (list.entries[known].link !== link) return -errno.EBUSY
  } else if (list.entries.length >= MAX_PROGRAMS) return -errno.ERANGE
  const { index, error } = resolveIndex(list, flags, relative, known)
  if (error !== 0) return error
  if (index === undefined && (relative || flags !== 0)) return -errno.EINVAL
  const entry: ListEntry<P> = { program, link }
  list.change(
    replaces ? list.entries.with(index ?? 0, entry) : list.entries.toSpliced(slot(index, list, flags), 0, entry),
  )
  return 0
}

/** BEFORE leads to the entry in front of the new one's place, AFTER to the place itself. */
function slot(index: number | undefined, list: ProgramList<ListedProgram>, flags: number): number {
  if (index === undefined) return list.entries.length
  return (flags & ATTACH_FLAG.before) !== 0 ? index + 1 : index
}
