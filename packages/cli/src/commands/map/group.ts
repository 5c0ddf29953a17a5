import type { CommandGroup } from '../command.ts'
import { create } from './create.ts'
import { dump } from './dump.ts'
import { lookup, peek, pop, push, remove, update } from './elements.ts'
import { show } from './show.ts'
import { watch } from './watch.ts'

export const map: CommandGroup = {
  name: 'map',
  summary: 'maps of eBPF programs',
  otherwise: 'show',
  commands: [show, dump, lookup, update, remove, create, watch, peek, push, pop],
}
