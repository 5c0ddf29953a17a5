import type { CommandGroup } from '../command.ts'
import { add, del, exec, identify, list, listId, set } from './commands.ts'

export const netns: CommandGroup = {
  name: 'netns',
  summary: 'network namespaces',
  otherwise: 'list',
  commands: [list, add, set, del, identify, exec, listId],
}
