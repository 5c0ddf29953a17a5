import { toHex } from '@netkit/netlink'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import { deviceName, integer } from '../../grammar/values.ts'
import { command } from '../command.ts'
import { present } from '../link/settings.ts'

/** Queues in a line of the table, as ethtool has them. */
const IN_LINE = 8

const hex: Value<Uint8Array> = {
  name: 'HEX',
  allowed: 'bytes in hex, such as 6d:5a:56:da',
  parse(word) {
    if (!/^[0-9a-f]{2}(:?[0-9a-f]{2})*$/i.test(word)) return undefined
    return Uint8Array.from(word.replaceAll(':', '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
  },
}

const list: Value<readonly number[]> = {
  name: 'N,N,...',
  allowed: 'numbers of queues with commas between',
  parse: (word) => (/^\d{1,9}(,\d{1,9})*$/.test(word) ? word.split(',').map(Number) : undefined),
}

export const rss = command({
  name: 'rss',
  summary: 'show or set how a NIC spreads packets over its receive queues',
  words: {
    dev: { value: deviceName(), positional: true, required: true, doc: 'the NIC' },
    equal: { value: integer('N', 1, 1024), doc: 'spread evenly over queues 0 to N-1' },
    weights: { value: list, doc: 'spread over queues 0, 1, ... by these weights; 0 leaves a queue out' },
    hkey: { value: hex, doc: 'hash key' },
  },
  notes: ['The words are those of ethtool -X. A queue that is left out receives only what rules steer to it.'],
  examples: [
    ['nic rss eth0', 'the indirection table and the hash key'],
    ['nic rss eth0 equal 4', 'keep all packets on the first four queues'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const { rss } = kernel.ethtool
    if (args.equal !== undefined && args.weights) throw new UsageError("'equal' and 'weights' exclude each other")
    const now = await rss.get(args.dev, where)
    const size = now.indir?.length ?? 0
    const indir =
      args.equal !== undefined
        ? spread(size, new Array<number>(args.equal).fill(1))
        : args.weights && spread(size, args.weights)
    if (indir || args.hkey) {
      await rss.set(args.dev, present({ indir, hkey: args.hkey }), where)
      return
    }
    const table = now.indir ?? []
    if (session.options.json) {
      const names = now.hfunc ?? []
      await session.json([
        {
          ifname: args.dev,
          'rss-indirection-table': table,
          'rss-hash-key': [...(now.hkey ?? [])],
          'rss-hash-function': names.map(String),
        },
      ])
      return
    }
    const lines: string[] = []
    for (let at = 0; at < table.length; at += IN_LINE) {
      lines.push(
        `${String(at).padStart(5)}: ${table
          .slice(at, at + IN_LINE)
          .map((q) => String(q).padStart(5))
          .join(' ')}\n`,
      )
    }
    await session.say(`RX flow hash indirection table for ${args.dev} with ${table.length} entries:\n${lines.join('')}`)
    await session.say(
      `RSS hash key:\n${now.hkey ? toHex(now.hkey, ':') : 'none'}\nRSS hash function: ${now.hfunc?.join(', ') ?? 'unknown'}\n`,
    )
  },
})

/** A table in which each queue stands as often as its weight says, in turn as evenly as can be. */
function spread(size: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, w) => sum + w, 0)
  if (total === 0) throw new UsageError("'weights': at least one must not be 0")
  if (weights.every((w) => w === weights[0])) return Array.from({ length: size }, (_, i) => i % weights.length)
  const table: number[] = []
  let passed = 0
  weights.forEach((weight, queue) => {
    passed += weight
    while (table.length < Math.round((size * passed) / total)) table.push(queue)
  })
  return table
}
