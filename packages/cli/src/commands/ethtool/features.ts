import type { Offload } from 'netkit'
import { suggest } from '../../grammar/suggest.ts'
import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { type CommandGroup, command } from '../command.ts'

/** Short names that ethtool -K takes for one feature. */
const SHORT: Readonly<Record<string, string>> = {
  gro: 'rx-gro',
  gso: 'tx-generic-segmentation',
  tso: 'tx-tcp-segmentation',
  lro: 'rx-lro',
  sg: 'tx-scatter-gather',
  rx: 'rx-checksum',
  tx: 'tx-checksum-ip-generic',
  rxhash: 'rx-hashing',
  rxvlan: 'rx-vlan-hw-parse',
  txvlan: 'tx-vlan-hw-insert',
  ntuple: 'rx-ntuple-filter',
}

function entryOf(dev: string, f: Offload): Entry {
  const entry = new Entry()
    .only('ifname', dev)
    .add('name', f.name, `${f.name}: `)
    .add('active', f.active, f.active ? 'on' : 'off')
  const asked = f.wanted === f.active || !f.changeable ? '' : ` [requested ${f.wanted ? 'on' : 'off'}]`
  return entry.add('fixed', !f.changeable, f.changeable ? '' : ' [fixed]').add('requested', f.wanted, asked)
}

const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show what a device does for the stack',
  words: { dev: { value: deviceName(), positional: true, required: true, doc: 'the device' } },
  async run(args, session) {
    const { ethtool } = await session.kernel()
    const list = await ethtool.offloads.list(args.dev, await session.where())
    await session.entries(list.map((f) => entryOf(args.dev, f)))
  },
})

const set = command({
  name: 'set',
  summary: 'switch features on and off',
  words: {
    dev: { value: deviceName(), positional: true, required: true, doc: 'the device' },
    features: { rest: true, positional: true, required: true, doc: 'FEATURE { on | off }, any number of them' },
  },
  notes: [`Features are called as features show does, or shortly: ${Object.keys(SHORT).join(', ')}.`],
  examples: [['features set dev eth0 gro off ntuple on', 'switch one off and one on']],
  async run(args, session) {
    const { ethtool } = await session.kernel()
    const where = await session.where()
    const known = (await ethtool.offloads.list(args.dev, where)).map((f) => f.name)
    await ethtool.offloads.set(args.dev, switches(args.features, known), where)
  },
})

function switches(words: readonly string[], known: readonly string[]): Record<string, boolean> {
  const asked: Record<string, boolean> = {}
  for (let i = 0; i < words.length; i += 2) {
    const name = SHORT[words[i]] ?? words[i]
    const value = words[i + 1]
    if (!known.includes(name)) {
      throw new UsageError(`'${words[i]}' is not a feature of this device`, {
        suggestion: suggest(name, [...known, ...Object.keys(SHORT)]),
      })
    }
    if (value !== 'on' && value !== 'off')
      throw new UsageError(
        `${words[i]}: ${value === undefined ? 'on or off is missing' : `'${value}' is not on or off`}`,
      )
    asked[name] = value === 'on'
  }
  return asked
}

export const features: CommandGroup = {
  name: 'features',
  summary: 'what a device does for the stack',
  otherwise: 'show',
  commands: [show, set],
}
