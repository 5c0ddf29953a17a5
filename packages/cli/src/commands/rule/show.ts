import { ROUTE_PROTOCOLS } from '@netkit/netlink'
import type { Rule, Where } from 'netkit'
import { namedNumber } from '../../grammar/ip-values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { ruleEntry } from '../../print/ip/rule.ts'
import { familyOf, familyWords } from '../addr/words.ts'
import { command } from '../command.ts'
import { table } from '../route/words.ts'
import type { Session } from '../session.ts'

const words = {
  table: { value: table, aliases: ['lookup'], doc: 'only those that ask this table' },
  protocol: { value: namedNumber(ROUTE_PROTOCOLS, 'PROTO', 255), aliases: ['proto'], doc: 'only those made by this' },
  ...familyWords,
} satisfies Words

async function found(args: ArgsOf<typeof words>, session: Session, where: Where): Promise<Rule[]> {
  const { rules } = await session.kernel()
  return await rules.list({ ...where, table: args.table, protocol: args.protocol, family: familyOf(args, session) })
}

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show the rules in the order in which they are tried',
  words,
  notes: ['Without a family, those of IPv4. Options: -d says who made each, -j JSON with the keys of iproute2.'],
  examples: [['-n pod rule show inet6', 'the rules of IPv6 of a namespace']],
  async run(args, session) {
    const { style, options } = session
    const rules = await found(args, session, await session.where())
    await session.entries(rules.map((rule) => ruleEntry(rule, { style, details: options.details })))
  },
})

export const flush = command({
  name: 'flush',
  summary: 'remove all rules but those of priority 0',
  words,
  notes: ['Without a family, those of IPv4. Those that ask the tables main and default go, too, as with ip.'],
  async run(args, session) {
    const { rules } = await session.kernel()
    const where = await session.where()
    for (const rule of await found(args, session, where)) {
      if (rule.priority > 0) await rules.remove({ ...rule, ...where })
    }
  },
})
