import type { CommandGroup } from '../command.ts'
import { add, del, replace } from './change.ts'
import { show } from './show.ts'

export const neigh: CommandGroup = {
  name: 'neigh',
  aliases: ['neighbour', 'neighbor'],
  summary: 'neighbours on links: ARP and NDP',
  otherwise: 'show',
  commands: [add, replace, del, show],
}
