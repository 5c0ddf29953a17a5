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

export interface Removal extends Position {
  readonly program: ListedProgram | undefined
}

/**
 * Takes a program out of a list that no link holds there; the entry that went, or a negative errno, in Linux's order of
 * checks. Source: spec 02 §2.7.
 */
export function removeProgram<P extends ListedProgram>(list: ProgramList<P>, what: Removal): ListEntry<P> | number {
  const { entries } = list
  const { program, flags } = what
  if (entries.length === 0) return -errno.ENOENT
  if ((flags & ATTACH_FLAG.replace) !== 0) return -errno.EINVAL
  if (what.expectedRevision !== 0n && what.expectedRevision !== list.revision) return -errno.ESTALE
  const relative = what.relative()
  if (typeof relative === 'number') return relative
  if (relative && program && relative.program.type !== program.type) return -errno.EINVAL
  let known: number | undefined
  if (program) {
    known = list.indexOfProgram(program)
    if (known < 0) return -errno.ENOENT
    if (entries[known].link) return -errno.EBUSY
  }
  const { index, error } = resolveIndex(list, flags, relative, known)
  if (error !== 0) return error
  if (index === undefined && (relative || flags !== 0)) return -errno.EINVAL
  const at = index ?? entries.length
  if (at >= MAX_PROGRAMS) return -errno.ERANGE
  const place = Math.min(Math.max(at, 0), entries.length - 1)
  const entry = entries[place]
  if (entry.link) return -errno.EBUSY
  list.change(entries.toSpliced(place, 1))
  return entry
}

/** Takes out what a link holds, if it still holds it. */
export function removeLink<P extends ListedProgram>(list: ProgramList<P>, link: ListedLink): void {
  const at = list.entries.findIndex((e) => e.link === link)
  if (at >= 0) list.change(list.entries.toSpliced(at, 1))
}

/**
 * Has a link's entry run another program, in its place; 0 or a negative errno. Source: spec 02 §2.9, update.
 */
export function updateLink<P extends ListedProgram>(list: ProgramList<P>, link: ListedLink, program: P): number {
  const at = list.entries.findIndex((e) => e.link === link)
  if (at < 0) return -errno.ENOENT
  if (list.entries[at].program === program) return 0
  if (list.indexOfProgram(program) >= 0) return -errno.EEXIST
  if (list.entries[at].program.type !== program.type) return -errno.EINVAL
  list.change(list.entries.with(at, { program, link }))
  return 0
}
