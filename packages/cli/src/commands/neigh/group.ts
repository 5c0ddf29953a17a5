import type { CommandGroup } from '../command.ts'
import { add, change, del, replace } from './change.ts'
import { flush, get, show } from './show.ts'

export const neigh: CommandGroup = {
  name: 'neigh',
  aliases: ['neighbour', 'neighbor'],
  summary: 'neighbours on links: ARP and NDP',
  otherwise: 'show',
  commands: [add, replace, change, del, show, get, flush],
}
