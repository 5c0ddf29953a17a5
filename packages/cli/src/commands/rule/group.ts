import type { CommandGroup } from '../command.ts'
import { add, del } from './change.ts'
import { flush, show } from './show.ts'

export const rule: CommandGroup = {
  name: 'rule',
  summary: 'policy rules: which table of routes is asked',
  otherwise: 'show',
  commands: [add, del, show, flush],
}
