import { ATTACH_FLAG } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { Process } from '../../net/process.ts'
import type { Relative } from '../attach/position.ts'
import { linkAt, programAt } from '../call/files.ts'
import type { BpfLink } from '../objects/link.ts'
import type { BpfObjects } from '../objects/objects.ts'
import type { BpfProgram } from '../objects/program.ts'

/**
 * What `relative` names: a program or, with LINK, a link, by descriptor or, with ID, by id. Undefined: none. Source: spec 02
 * §2.6, step 3.
 */
export function relativeObject(
  objects: BpfObjects,
  process: Process,
  flags: number,
  relative: number,
): Relative | undefined | number {
  const byId = (flags & ATTACH_FLAG.id) !== 0
  if ((flags & ATTACH_FLAG.link) !== 0) {
    if (!byId && relative === 0) return -errno.EINVAL
    const link = byId ? (objects.links.get(relative) ?? -errno.ENOENT) : linkAt(process, relative)
    return typeof link === 'number' ? link : ofLink(link)
  }
  if (!byId && relative === 0) return undefined
  const program = byId ? (objects.programs.get(relative) ?? -errno.ENOENT) : programAt(process, relative)
  return typeof program === 'number' ? program : ofProgram(program)
}

const ofLink = (link: BpfLink): Relative => ({ program: link.program, link })
const ofProgram = (program: BpfProgram): Relative => ({ program, link: undefined })
