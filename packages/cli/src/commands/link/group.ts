import type { CommandGroup } from '../command.ts'
import { add } from './add.ts'
import { del } from './del.ts'
import { property } from './property.ts'
import { set } from './set.ts'
import { show } from './show.ts'

export const link: CommandGroup = {
  name: 'link',
  summary: 'network devices',
  otherwise: 'show',
  commands: [add, set, del, show, property],
}
