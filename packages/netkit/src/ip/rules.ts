import { decodeAttrs, RT_RULE, RULE, RULE_ACTIONS, type RuleAttrs } from '@netkit/netlink'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Reply } from '../request/exchange.ts'
import { familyName, familyNumber, type IpFamily } from './prefix.ts'

/** A policy rule: which table is asked for the routes of which packets. */
export interface Rule {
  readonly family: IpFamily
  readonly priority: number
  readonly action: keyof typeof RULE_ACTIONS | number
  readonly table: number
  readonly src: string | undefined
  readonly dst: string | undefined
  /** The attributes as they came. */
  readonly attrs: RuleAttrs
}

const HEADER = 12

/** Reads RTM_NEWRULE and RTM_DELRULE. */
function decodeRule({ data, start, end }: Reply): Rule {
  const at = start + 16
  const attrs = decodeAttrs(RULE, data, at + HEADER, end)
  const action = data.u8(at + 7)
  const names = Object.entries(RULE_ACTIONS) as [keyof typeof RULE_ACTIONS, number][]
  return {
    family: familyName(data.u8(at)),
    priority: attrs.priority ?? 0,
    action: names.find(([, n]) => n === action)?.[0] ?? action,
    table: attrs.table ?? data.u8(at + 4),
    src: attrs.src && `${attrs.src}/${data.u8(at + 2)}`,
    dst: attrs.dst && `${attrs.dst}/${data.u8(at + 1)}`,
    attrs,
  }
}

/** Policy rules: `kernel.rules`. */
export class Rules {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** The rules of a family, in the order in which they are tried. */
  list(options: Where & { readonly family?: IpFamily } = {}): Promise<Rule[]> {
    const header = { family: familyNumber(options.family ?? 'inet') }
    const request = { op: 'rule list', signal: options.signal }
    return this.#places.with(options.in, async (scope) =>
      (await scope.routeDump(RT_RULE.getrule, header, {}, request)).map(decodeRule),
    )
  }
}
