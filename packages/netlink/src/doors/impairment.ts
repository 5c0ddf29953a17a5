/** What a setting of an impairment measures: a share from 0 to 1, milliseconds, bits a second, or a number. */
export type ImpairmentUnit = 'share' | 'ms' | 'bit/s' | 'count'

interface Setting {
  readonly unit: ImpairmentUnit
  readonly min: number
  readonly max: number
  /** The setting whose value it follows where impairments are written as tc-netem writes them. */
  readonly after?: string
  readonly doc: string
}

const share = (doc: string, after?: string): Setting => ({ unit: 'share', min: 0, max: 1, after, doc })
const correlation = (of: string): Setting => share('how much of it goes on from one frame to the next', of)
const count = (min: number, max: number, doc: string, after?: string): Setting => ({
  unit: 'count',
  min,
  max,
  after,
  doc,
})

const settings = <K extends string>(rows: { readonly [_ in K]: Setting }): { readonly [_ in K]: Setting } => rows

/** Frames that an impaired wire can hold back at most. */
const MOST_FRAMES = 32_768

/** All that can be said of an impairment. The words are those of tc-netem(8). */
export const IMPAIRMENT = settings({
  loss: share('share of the frames that are lost'),
  lossCorrelation: correlation('loss'),
  burst: share('loss in bursts (Gilbert-Elliott): chance that a burst begins with a frame'),
  burstEnd: share('chance that it ends; default: what is left of 100%', 'burst'),
  burstLoss: share('share lost in a burst; default: all', 'burstEnd'),
  calmLoss: share('share lost outside; default: none', 'burstLoss'),
  delay: { unit: 'ms', min: 0, max: 3_600_000, doc: 'how much later frames arrive' },
  jitter: { unit: 'ms', min: 0, max: 3_600_000, after: 'delay', doc: 'by how much the delay varies, up and down' },
  delayCorrelation: correlation('jitter'),
  reorder: share('share of the frames that are not delayed and so overtake others'),
  reorderCorrelation: correlation('reorder'),
  gap: count(1, 1_000_000, 'only every so many frames can overtake; default 1'),
  duplicate: share('share of the frames that arrive twice'),
  duplicateCorrelation: correlation('duplicate'),
  corrupt: share('share of the frames that arrive with one bit changed'),
  corruptCorrelation: correlation('corrupt'),
  rate: { unit: 'bit/s', min: 1, max: 1e13, doc: 'how fast frames go over the wire, one behind the other' },
  limit: count(1, MOST_FRAMES, 'frames held back at most, those that come then are lost; default 1000'),
  seed: count(0, 0xffff_ffff, 'where chance begins: with the same seed the same frames suffer; default: a random one'),
})

export type ImpairmentKey = keyof typeof IMPAIRMENT
export const IMPAIRMENT_KEYS = Object.keys(IMPAIRMENT) as readonly ImpairmentKey[]

/** How a wire treats frames in one direction; units and ranges as of {@link IMPAIRMENT}. */
export type ImpairmentOptions = { readonly [K in ImpairmentKey]?: number }

/** Seen from the NIC: what it receives, or what it transmits. */
export type WireDirection = 'rx' | 'tx'

/** What an impairment has done to frames. */
export interface ImpairmentCounters {
  readonly lost: number
  readonly duplicated: number
  readonly corrupted: number
  /** Frames that were sent on at once, before others that are delayed. */
  readonly reordered: number
  /** Frames lost because as many as `limit` were held back. */
  readonly overlimit: number
  /** Frames that are held back now. */
  readonly waiting: number
}

export interface ImpairmentInfo extends ImpairmentCounters {
  /** As it was asked for, with the seed that it got. */
  readonly options: ImpairmentOptions
}

/** What is wrong with an impairment, if anything is: the setting, and what it may be. */
export function impairmentFault(options: ImpairmentOptions): readonly [key: string, allowed: string] | undefined {
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue
    if (!Object.hasOwn(IMPAIRMENT, key)) return [key, `absent; known are ${IMPAIRMENT_KEYS.join(', ')}`]
    const { min, max, unit, after } = IMPAIRMENT[key as ImpairmentKey]
    if (typeof value !== 'number' || !(value >= min && value <= max) || (unit === 'count' && !Number.isInteger(value)))
      return [key, `${unit === 'count' ? 'an integer' : 'a number'} from ${min} to ${max} (${unit})`]
    if (after && options[after as ImpairmentKey] === undefined) return [key, `absent without ${after}`]
  }
  if (options.burst !== undefined && options.loss !== undefined) return ['burst', 'absent with loss']
  if (options.reorder !== undefined && options.delay === undefined) return ['reorder', 'absent without delay']
  if (options.gap !== undefined && options.reorder === undefined) return ['gap', 'absent without reorder']
  return undefined
}
