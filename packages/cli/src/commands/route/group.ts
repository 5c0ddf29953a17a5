import type { CommandGroup } from '../command.ts'
import { add, append, change, del, prepend, replace } from './change.ts'
import { flush, get, show } from './show.ts'

export const route: CommandGroup = {
  name: 'route',
  summary: 'IP routes',
  otherwise: 'show',
  commands: [add, replace, change, append, prepend, del, show, get, flush],
}
