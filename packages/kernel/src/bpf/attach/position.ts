import { ATTACH_FLAG } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { ListedLink, ListedProgram, ProgramList } from '../../net/program-list.ts'

/** What a position is relative to: a program, and if it was named by its link, that link. */
export interface Relative {
  readonly program: ListedProgram
  readonly link: ListedLink | undefined
}

/** Where in a list. The relative object is looked up when its turn comes, since the order of refusals is observable. */
export interface Position {
  /** ATTACH_FLAG. */
  readonly flags: number
  /** Undefined: none was given; a negative errno: it cannot be had. */
  relative(): Relative | undefined | number
  /** 0: whatever it is. */
  readonly expectedRevision: bigint
}

/** Index of what a position is relative to: a link is only found as itself, a program also where a link holds it. */
function indexOfRelative(list: ProgramList<ListedProgram>, { program, link }: Relative): number {
  return list.entries.findIndex((e) => e.program === program && (link === undefined || e.link === link))
}

/**
 * Index that BEFORE and AFTER lead to, from one that may be known already: -1 is in front of the first entry. Undefined: neither
 * is asked for and none was known. Source: spec 02 §2.6, steps 5 and 6.
 */
export function resolveIndex(
  list: ProgramList<ListedProgram>,
  flags: number,
  relative: Relative | undefined,
  known: number | undefined,
): { readonly index: number | undefined; readonly error: number } {
  let index = known
  for (const [flag, step, none] of [
    [ATTACH_FLAG.before, -1, -1],
    [ATTACH_FLAG.after, 1, list.entries.length],
  ] as const) {
    if ((flags & flag) === 0) continue
    const at = relative ? indexOfRelative(list, relative) : undefined
    if (at === -1) return { index, error: -errno.ENOENT }
    const wanted = at === undefined ? none : at + step
    if (index !== undefined && wanted !== index) return { index, error: -errno.ERANGE }
    index = wanted
  }
  return { index, error: 0 }
}
