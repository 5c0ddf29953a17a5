import type { CommandGroup } from '../command.ts'
import { add, append, del, replace } from './change.ts'
import { flush, get, show } from './show.ts'

export const route: CommandGroup = {
  name: 'route',
  summary: 'IP routes',
  otherwise: 'show',
  commands: [add, replace, append, del, show, get, flush],
}
