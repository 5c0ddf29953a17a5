import type { CommandGroup } from '../command.ts'
import { rss } from '../ethtool/rss.ts'
import { steer } from '../ethtool/steer.ts'
import { add, del, play, show, wire } from './commands.ts'
import { impair } from './impair.ts'

export const nic: CommandGroup = {
  name: 'nic',
  summary: 'physical NICs and their cables',
  otherwise: 'show',
  commands: [add, del, show, play, wire, impair, steer, rss],
}
