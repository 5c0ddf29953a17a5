import { attributeNeighbours } from './neighbours/attributes.ts'
import { generics } from './neighbours/generics.ts'
import { kindData } from './neighbours/kind-data.ts'
import { messages, order } from './neighbours/messages.ts'
import { moves } from './neighbours/moves.ts'
import { names } from './neighbours/names.ts'
import { nicLinks } from './neighbours/nics.ts'
import { nsids } from './neighbours/nsids.ts'
import { states } from './neighbours/states.ts'
import type { Scenario } from './scenario.ts'
import { randomSequences } from './sequences/write.ts'
import { ipSequences } from './sequences/write-ip.ts'

export interface FamilyOptions {
  readonly seed: number
  /** How many random scenarios. */
  readonly count: number
}

/** Families of scenarios by name. */
export const FAMILIES: Readonly<Record<string, (o: FamilyOptions) => Iterable<Scenario>>> = {
  attributes: attributeNeighbours,
  'kind-data': kindData,
  names,
  states,
  moves,
  nsids,
  messages,
  order,
  nics: nicLinks,
  generics,
  random: randomSequences,
  ip: ipSequences,
}
