import type { CommandGroup } from '../command.ts'
import { napis } from './napis.ts'
import { pagePools } from './page-pools.ts'
import { show } from './queues.ts'
import { stats } from './stats.ts'

export const queue: CommandGroup = {
  name: 'queue',
  summary: 'receive and transmit queues',
  otherwise: 'show',
  commands: [show, stats],
}

export const napi: CommandGroup = { name: 'napi', summary: 'what polls queues', otherwise: 'show', commands: [napis] }

export const pagePool: CommandGroup = {
  name: 'page-pool',
  summary: 'where queues take memory from',
  otherwise: 'show',
  commands: [pagePools],
}
