import { type EthtoolRings, RINGS } from '@netkit/netlink'
import { attrValue } from '../../grammar/from-table.ts'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import { choice, deviceName, onOff } from '../../grammar/values.ts'
import type { Word, Words } from '../../grammar/words.ts'
import { type CommandGroup, command } from '../command.ts'
import { dashed } from '../snake.ts'

type Key = Exclude<keyof EthtoolRings, 'header' | 'rest'>

/** Settings in the order in which ethtool shows them, with their maxima. */
const SETTINGS: readonly (readonly [key: Key, max?: Key])[] = [
  ['rx', 'rxMax'],
  ['rxMini', 'rxMiniMax'],
  ['rxJumbo', 'rxJumboMax'],
  ['tx', 'txMax'],
  ['rxBufLen'],
  ['cqeSize'],
  ['txPush'],
  ['rxPush'],
  ['txPushBufLen', 'txPushBufLenMax'],
  ['tcpDataSplit'],
  ['hdsThresh', 'hdsThreshMax'],
]

const SWITCHES: readonly Key[] = ['txPush', 'rxPush']
const DOCS: Readonly<Partial<Record<Key, string>>> = {
  rx: 'entries of the receive ring',
  rxMini: 'entries of the ring for small packets',
  rxJumbo: 'entries of the ring for large packets',
  tx: 'entries of the transmit ring',
  rxBufLen: 'bytes of a receive buffer',
  cqeSize: 'bytes of a completion entry',
  txPush: 'push packets to the device instead of letting it fetch them',
  rxPush: 'push receive descriptors to the device',
  txPushBufLen: 'bytes of a packet that are pushed',
  tcpDataSplit:
    'land headers and payload in buffers of their own, which zero-copy receive needs; auto: as the device likes',
  hdsThresh: 'packets up to this many bytes are not split',
}

const SPLIT = choice({ on: 'enabled', off: 'disabled', auto: 'unknown' } as const)

const settingValue = (key: Key): Value =>
  key === 'tcpDataSplit' ? SPLIT : SWITCHES.includes(key) ? onOff : attrValue(RINGS.rows[key], 'N')

const settingWords = Object.fromEntries(
  SETTINGS.map(([key]): [string, Word] => [dashed(key), { value: settingValue(key), doc: DOCS[key] ?? '' }]),
) as Words

function textOf(key: Key, value: unknown): string {
  if (value === undefined) return ''
  if (key === 'tcpDataSplit') return value === 'enabled' ? 'on' : value === 'disabled' ? 'off' : String(value)
  return SWITCHES.includes(key) ? (value === 1 ? 'on' : 'off') : String(value)
}

const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show descriptor rings, and whether headers are split from payload',
  words: { dev: { value: deviceName(), positional: true, doc: 'only this device' } },
  async run(args, session) {
    const { ethtool } = await session.kernel()
    const where = await session.where()
    const list = args.dev === undefined ? await ethtool.rings.list(where) : [await ethtool.rings.get(args.dev, where)]
    const rows = list.flatMap((r) =>
      SETTINGS.filter(([key]) => r[key] !== undefined).map(([key, max]) => [
        r.header.devName ?? '',
        dashed(key),
        textOf(key, r[key]),
        max === undefined ? '' : textOf(max, r[max]),
      ]),
    )
    const heads = [
      { title: 'DEV' },
      { title: 'SETTING' },
      { title: 'VALUE', right: true },
      { title: 'MAX', right: true },
    ]
    const json = list.map((r) => ({
      ifname: r.header.devName,
      ...Object.fromEntries(
        SETTINGS.flatMap(([key, max]) => [
          ...(max === undefined ? [] : [[dashed(max), r[max]]]),
          [dashed(key), SWITCHES.includes(key) && r[key] !== undefined ? r[key] === 1 : r[key]],
        ]),
      ),
    }))
    await session.table(heads, rows, json)
  },
})

const set = command({
  name: 'set',
  summary: 'set descriptor rings, or header split',
  words: { dev: { value: deviceName(), positional: true, required: true, doc: 'the device' }, ...settingWords },
  notes: ['The words are those of ethtool -G.'],
  examples: [['rings set dev eth0 tcp-data-split on hds-thresh 0', 'what zero-copy receive needs']],
  async run(args, session) {
    const { ethtool } = await session.kernel()
    const said = args as Readonly<Record<string, unknown>>
    const settings: Record<string, unknown> = {}
    for (const [key] of SETTINGS) {
      const value = said[dashed(key)]
      if (value !== undefined) settings[key] = typeof value === 'boolean' ? Number(value) : value
    }
    if (Object.keys(settings).length === 0)
      throw new UsageError('a setting is missing, such as rx N or tcp-data-split on')
    await ethtool.rings.set(args.dev, settings, await session.where())
  },
})

export const rings: CommandGroup = {
  name: 'rings',
  summary: 'descriptor rings and header split',
  otherwise: 'show',
  commands: [show, set],
}
