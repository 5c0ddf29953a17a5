import { UsageError } from '../../grammar/usage-error.ts'
import { command } from '../command.ts'
import { ruleOptions, ruleWords as words } from './words.ts'

export const add = command({
  name: 'add',
  summary: 'make a rule',
  words,
  examples: [
    ['rule add from 10.1.0.0/16 table 100', 'packets of a network go by a table of their own'],
    ['rule add fwmark 0x10/0xf0 iif nk0 table 100 priority 50', 'those that a program has marked'],
    ['rule add to 2001:db8::/32 unreachable', 'those that go nowhere'],
  ],
  async run(args, session) {
    const { rules } = await session.kernel()
    await rules.add({ ...ruleOptions(args, session), ...(await session.where()) })
  },
})

export const del = command({
  name: 'del',
  aliases: ['delete'],
  summary: 'remove the first rule that is as said',
  words,
  async run(args, session) {
    if (Object.keys(args).length === 0) throw new UsageError('say which rule')
    const { rules } = await session.kernel()
    await rules.remove({ ...ruleOptions(args, session), ...(await session.where()) })
  },
})
