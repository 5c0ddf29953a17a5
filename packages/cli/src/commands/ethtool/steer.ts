import {
  type FlowType,
  KernelError,
  type Match,
  type NewRule,
  type RuleAction,
  type RuleMatch,
  type SteeringRule,
} from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import { address, deviceName, integer, words } from '../../grammar/values.ts'
import type { Word, Words } from '../../grammar/words.ts'
import { Entry } from '../../print/entry.ts'
import type { Json } from '../../print/json.ts'
import { command } from '../command.ts'
import { HintedError } from '../failure.ts'
import { dashed } from '../snake.ts'

const FLOWS = [
  'tcp4',
  'udp4',
  'sctp4',
  'ah4',
  'esp4',
  'ip4',
  'tcp6',
  'udp6',
  'sctp6',
  'ah6',
  'esp6',
  'ip6',
  'ether',
] as const satisfies readonly FlowType[]

const ip: Value<string> = {
  name: 'IP[/PREFIX]',
  allowed: 'an IP address, or a prefix such as 10.0.0.0/8',
  parse: (word) => (/^[0-9a-f:.]+(\/\d{1,3})?$/i.test(word) ? word : undefined),
}
const byte = integer('N', 0, 0xff)
const short = integer('N', 0, 0xffff)
const long = integer('N', 0, 0xffff_ffff)

/** What a rule compares, in the words of `ethtool -N`, with the value each takes and its name in the SDK. */
const FIELDS: Readonly<
  Record<string, { readonly key: keyof RuleMatch; readonly value: Value<string | number>; readonly doc: string }>
> = {
  'src-ip': { key: 'srcIp', value: ip, doc: 'source address' },
  'dst-ip': { key: 'dstIp', value: ip, doc: 'destination address' },
  'src-port': { key: 'srcPort', value: short, doc: 'source port' },
  'dst-port': { key: 'dstPort', value: short, doc: 'destination port' },
  tos: { key: 'tos', value: byte, doc: 'type of service of IPv4' },
  tclass: { key: 'tclass', value: byte, doc: 'traffic class of IPv6' },
  l4proto: { key: 'l4proto', value: byte, doc: 'protocol behind the IP header, of ip4 and ip6' },
  l4data: { key: 'l4Bytes', value: long, doc: 'first four bytes behind the IP header, of ip4 and ip6' },
  spi: { key: 'spi', value: long, doc: 'security parameter index, of ah and esp' },
  src: { key: 'src', value: address('LLADDR'), doc: 'source hardware address, of ether' },
  dst: { key: 'dst', value: address('LLADDR'), doc: 'destination hardware address, of ether' },
  proto: { key: 'proto', value: short, doc: 'ethertype, of ether' },
  'dst-mac': { key: 'dstMac', value: address('LLADDR'), doc: 'destination hardware address, of others than ether' },
  vlan: { key: 'vlan', value: short, doc: 'VLAN tag' },
  'vlan-etype': { key: 'vlanEtype', value: short, doc: 'ethertype of the VLAN tag' },
}

const ACTION = integer('N', -2, 0xffff_ffff)
const LOCATION = integer('N', 0, 0x7fff_ffff)

/** `m N` behind a value says which of its bits are not compared, as in ethtool. */
const fieldWords = Object.fromEntries(
  Object.entries(FIELDS).flatMap(([name, { value, doc }]): [string, Word][] => [
    [name, { value, doc }],
    [`${name}-mask`, { value, hidden: true, doc: `bits of ${name} that are compared` }],
  ]),
) as Words

export const steer = command({
  name: 'steer',
  summary: 'say which packets go to which receive queue, before RSS has its say',
  words: {
    dev: { value: deviceName(), positional: true, required: true, doc: 'the NIC' },
    show: { doc: 'show the rules; so it does when nothing else is said' },
    del: { value: LOCATION, aliases: ['delete'], doc: 'remove the rule with this number' },
    'flow-type': { value: words(FLOWS, 'TYPE'), doc: `kind of packets: ${FLOWS.join(', ')}` },
    ...fieldWords,
    action: { value: ACTION, doc: 'the receive queue they go to; -1 drops them' },
    loc: { value: LOCATION, doc: 'number of the rule, lower ones go first; default: the device chooses' },
  },
  notes: [
    'The words are those of ethtool -N. FIELD-mask N behind a field says which of its bits are compared; default: all. Fields that are not given may be anything.',
  ],
  examples: [
    ['nic steer eth0 flow-type tcp4 dst-port 8080 action 5', 'HTTP goes to queue 5'],
    ['nic steer eth0 flow-type udp4 dst-ip 10.1.0.0/16 action -1 loc 0', 'drop UDP to a network, before all else'],
    ['nic steer eth0 show', 'the rules there are'],
    ['nic steer eth0 del 1023', 'remove one'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const { rules } = kernel.ethtool
    if (args.del !== undefined) await rules.remove(args.dev, args.del, where)
    else if (args['flow-type'] !== undefined) {
      const location = await rules.add(args.dev, ruleOf(args as unknown as Said), where).catch((e) => {
        if (!(e instanceof KernelError) || e.code !== 'EAGAIN') throw e
        throw new HintedError(`the device must be up: netkit link set ${args.dev} up`, { cause: e })
      })
      await session.entries([new Entry().only('loc', location).say(`rule ${location}`)])
    } else {
      for (const name of Object.keys(args)) {
        if (!['dev', 'show'].includes(name))
          throw new UsageError(`'${name}' needs the kind of packets: 'flow-type' TYPE`)
      }
      const list = await rules.list(args.dev, where)
      await session.entries(list.map((rule) => entryOf(args.dev, rule)))
    }
  },
})

type Said = Readonly<Record<string, string | number | undefined>> & { readonly 'flow-type': FlowType }

function ruleOf(args: Said): NewRule {
  const match: Record<string, Match<string | number>> = {}
  for (const [name, { key }] of Object.entries(FIELDS)) {
    const value = args[name]
    const mask = args[`${name}-mask`]
    if (value !== undefined) match[key] = mask === undefined ? value : { value, mask }
    else if (mask !== undefined) throw new UsageError(`'${name}-mask' needs '${name}'`)
  }
  if (args.action === undefined)
    throw new UsageError("'action' is missing: the queue that the packets go to, or -1 to drop them")
  return {
    flow: args['flow-type'],
    match: match as RuleMatch,
    action: actionOf(Number(args.action)),
    location: args.loc as number | undefined,
  }
}

const actionOf = (n: number): RuleAction => (n === -1 ? 'drop' : n === -2 ? 'wake' : { queue: n })

const byKey = new Map(Object.entries(FIELDS).map(([name, { key }]) => [key as string, name]))

function entryOf(dev: string, { location, flow, match, action }: SteeringRule): Entry {
  const entry = new Entry()
    .only('ifname', dev)
    .add('loc', location, `rule ${location}: `)
    .add('flow-type', flow, `flow-type ${flow} `)
  for (const [key, said] of Object.entries(match) as [string, Match<string | number>][]) {
    const name = byKey.get(key) ?? dashed(key)
    const whole = typeof said !== 'object'
    entry.add(name, whole ? said : said.value, `${name} ${whole ? said : said.value} `)
    if (!whole)
      entry.add(
        `${name}-mask`,
        said.mask as Json,
        `${name}-mask ${typeof said.mask === 'number' ? `0x${said.mask.toString(16)}` : said.mask} `,
      )
  }
  const n = action === 'drop' ? -1 : action === 'wake' ? -2 : action.queue
  return entry.add('action', n, `action ${n}`)
}
