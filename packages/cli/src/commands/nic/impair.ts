import { IMPAIRMENT, IMPAIRMENT_KEYS, type ImpairmentKey, type ImpairmentUnit } from '@netkit/netlink'
import {
  type ImpairmentInfo,
  type ImpairmentOptions,
  impairmentText,
  impairmentValueForm,
  impairmentWords,
  nextImpairmentKey,
  parseImpairmentValue,
  type WireDirection,
} from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import type { Words } from '../../grammar/words.ts'
import type { Json } from '../../print/json.ts'
import { count } from '../../print/numbers.ts'
import { command } from '../command.ts'
import type { Session } from '../session.ts'
import { NIC, nicCalled } from './wire.ts'

const VALUE_NAMES: Readonly<Record<ImpairmentUnit, string>> = {
  share: 'PERCENT',
  ms: 'TIME',
  'bit/s': 'RATE',
  count: 'N',
}

const settingValue = (key: ImpairmentKey): Value<number> => ({
  name: VALUE_NAMES[IMPAIRMENT[key].unit],
  allowed: impairmentValueForm(key),
  parse: (word) => parseImpairmentValue(key, word),
})

/** `lossCorrelation` as a word of a command line. */
const spelled = (key: string): string => key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)

const settings: Words = Object.fromEntries(
  IMPAIRMENT_KEYS.map((key) => {
    const follower = nextImpairmentKey(key)
    const then = follower && spelled(follower)
    return [spelled(key), { value: settingValue(key), doc: IMPAIRMENT[key].doc, ...(then && { then }) }]
  }),
)

const DIRECTIONS: readonly WireDirection[] = ['rx', 'tx']
const COUNTERS = ['lost', 'duplicated', 'corrupted', 'reordered', 'overlimit', 'waiting'] as const

export const impair = command({
  name: 'impair',
  summary: 'lose, delay, reorder, duplicate or corrupt frames on the wire of a NIC, or slow it down',
  words: {
    nic: { value: NIC, positional: true, required: true, doc: 'its device name, or its number' },
    rx: { doc: 'what the NIC receives; default: both directions' },
    tx: { doc: 'what it transmits' },
    none: { doc: 'an unimpaired wire again' },
    ...settings,
  },
  notes: [
    'Words and values are those of tc-netem(8); what is set replaces what was set before in that direction. Without any, shows impairments and what they have done. Whatever wire is connected is impaired, also after a restart of the kernel process.',
    'With the same seed and the same frames the same happens. burst is the Gilbert-Elliott model, tc calls it loss gemodel. rate takes bits a second: 100mbit.',
  ],
  examples: [
    [
      'nic impair eth0 loss 1% delay 10ms 2ms seed 7',
      'both directions: one frame in a hundred is lost, the others take 8 to 12 ms',
    ],
    ['nic impair eth0 tx rate 100mbit limit 200', 'transmits no faster than 100 Mbit/s, with room for 200 frames'],
    ['nic impair eth0 none', 'an unimpaired wire'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const nic = await nicCalled(kernel, args.nic)
    const { rx, tx, none } = args
    const said = args as Readonly<Record<string, unknown>>
    const options: ImpairmentOptions = Object.fromEntries(
      IMPAIRMENT_KEYS.filter((key) => said[spelled(key)] !== undefined).map((key) => [
        key,
        said[spelled(key)] as number,
      ]),
    )
    const sets = Object.keys(options).length > 0
    if (none && sets) throw new UsageError("'none' ends an impairment: it excludes all else")
    const directions = DIRECTIONS.filter((d) => rx === tx || (d === 'rx' ? rx : tx))
    if (none || sets) {
      for (const direction of directions) await kernel.nics.impair(nic.id, direction, none ? undefined : options)
      return
    }
    const all = await kernel.nics.impairments(nic.id)
    await showImpairments(session, nic.name, all, directions)
  },
})

type Impairments = { readonly [D in WireDirection]?: ImpairmentInfo }

async function showImpairments(
  session: Session,
  name: string,
  all: Impairments,
  directions: readonly WireDirection[],
): Promise<void> {
  const shown = directions.flatMap((direction) => {
    const info = all[direction]
    return info ? [{ direction, info }] : []
  })
  const rows = shown.map(({ direction, info }) => [
    name,
    direction,
    ...COUNTERS.map((key) => count(info[key], session.options)),
    impairmentText(info.options),
  ])
  const heads = [
    { title: 'DEV' },
    { title: 'WAY' },
    ...COUNTERS.map((key) => ({ title: key.toUpperCase(), right: true })),
    { title: 'IMPAIRMENT' },
  ]
  await session.table(heads, rows, { ifname: name, ...impairmentsJson(all) })
}

/** Impairments in the words that set them, with their counters. */
export const impairmentsJson = (all: Impairments): { readonly [D in WireDirection]?: Json } =>
  Object.fromEntries(
    DIRECTIONS.flatMap((direction) => {
      const info = all[direction]
      return info ? [[direction, { ...impairmentWords(info.options), ...counters(info) }]] : []
    }),
  )

const counters = (info: ImpairmentInfo): Record<string, number> =>
  Object.fromEntries(COUNTERS.map((key) => [key, info[key]]))

/** Impairments in a cell of a table. */
export const impairmentsText = ({ rx, tx }: Impairments): string => {
  if (rx && tx && impairmentText(rx.options) === impairmentText(tx.options)) return impairmentText(rx.options)
  return [rx && `rx ${impairmentText(rx.options)}`, tx && `tx ${impairmentText(tx.options)}`].filter(Boolean).join(', ')
}
