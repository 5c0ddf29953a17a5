import type { GenlCommand, PolicyTable } from '@netkit/netlink'
import type { Rules } from '../../release/rules.ts'

/** Which policies check a command, by their index. */
export interface OpPolicies {
  readonly op: number
  readonly do?: number
  readonly dump?: number
}

/** The policies of some commands, numbered as Linux does: each command's, then what is nested in them, in order of discovery. */
export function numberPolicies(
  commands: Iterable<GenlCommand>,
  { dumpsHaveNumbers }: Rules,
): { ops: OpPolicies[]; tables: PolicyTable[] } {
  const tables: PolicyTable[] = []
  const add = (table: PolicyTable): void => {
    if (!tables.includes(table)) tables.push(table)
  }
  let visited = 0
  const withNested = (table: PolicyTable | undefined): number | undefined => {
    if (!table) return undefined
    add(table)
    for (; visited < tables.length; visited++) {
      for (const policy of tables[visited].policies) {
        if ((policy?.type === 'nest' || policy?.type === 'nest-array') && policy.inner) add(policy.inner())
      }
    }
    return tables.indexOf(table)
  }
  const ops = [...commands].map((c) => ({
    op: c.do || dumpsHaveNumbers ? c.id : 0,
    do: withNested(c.do),
    dump: withNested(c.dump),
  }))
  return { ops, tables }
}
