import type { CommandGroup } from '../command.ts'
import { run } from './run.ts'

export const prog: CommandGroup = {
  name: 'prog',
  summary: 'eBPF programs',
  commands: [run],
}
