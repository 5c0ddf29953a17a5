import type { Row } from '../row.ts'
import { CHANGE } from './change.ts'
import { CREATION } from './creation.ts'
import { EVENTS } from './events.ts'
import { LEASES } from './leases.ts'
import { MOVES } from './moves.ts'
import { NAMES } from './names.ts'
import { QUEUES } from './queues.ts'
import { REFUSALS } from './refusals.ts'
import { SINGLE } from './single.ts'
import { STATE } from './state.ts'

/** The suite: what is true of every kernel. */
export const ROWS: readonly Row[] = [
  ...CREATION,
  ...REFUSALS,
  ...SINGLE,
  ...CHANGE,
  ...STATE,
  ...NAMES,
  ...MOVES,
  ...LEASES,
  ...QUEUES,
  ...EVENTS,
]
