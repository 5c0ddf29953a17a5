import type { CommandGroup } from '../command.ts'
import { add, del, flush, replace } from './change.ts'
import { show } from './show.ts'

export const addr: CommandGroup = {
  name: 'addr',
  aliases: ['address'],
  summary: 'IP addresses of devices',
  otherwise: 'show',
  commands: [add, replace, del, show, flush],
}
