import type { CommandGroup } from '../command.ts'
import { attach } from './attach.ts'
import { detach, unpin, update } from './detach.ts'
import { dump } from './dump.ts'
import { links } from './links.ts'
import { load } from './load.ts'
import { profile } from './profile.ts'
import { run } from './run.ts'
import { show } from './show.ts'
import { tracelog } from './tracelog.ts'

export const prog: CommandGroup = {
  name: 'prog',
  summary: 'eBPF programs and where they are attached',
  otherwise: 'show',
  commands: [load, attach, detach, show, dump, run, links, profile, tracelog, update, unpin],
}
