import { type ImpairmentOptions, impairmentFault, type WireDirection } from '@netkit/netlink'
import type { Device } from '../devices/device.ts'
import { type ImpairmentWords, impairmentText, parseImpairment } from '../impairment/text.ts'
import type { Found } from './actual.ts'
import type { StateFault } from './schema/fault.ts'
import { inputFault } from './schema/input-fault.ts'
import type { Target } from './targets.ts'

export const DIRECTIONS: readonly WireDirection[] = ['rx', 'tx']

/** Impairments of a NIC's wire, as far as there are any. */
export type FoundImpairments = { readonly [D in WireDirection]?: ImpairmentOptions }

/** The number of the NIC that a device belongs to; undefined of hardware that was not plugged in. */
export function nicNumber({ attrs }: Device): number | undefined {
  const [, number] = /^netdevsim(\d+)$/.exec(attrs.parentDevName ?? '') ?? []
  return number === undefined ? undefined : Number(number)
}

/** An impairment that is declared, and how the wire is now; in words, empty for an unimpaired one. */
interface Comparison {
  readonly direction: WireDirection
  readonly words: ImpairmentWords
  readonly from: string
  readonly to: string
}

/** Directions of a NIC's wire that are not as declared. A seed that is not declared may be any. */
export function differingImpairments({ state }: Target, found: Found | undefined): Comparison[] {
  return DIRECTIONS.flatMap((direction) => {
    const words = state.impair?.[direction] as ImpairmentWords | undefined
    if (!words) return []
    const now = found?.impairments?.[direction]
    const { seed, ...rest } = now ?? {}
    const from = impairmentText(words.seed === undefined ? rest : { ...rest, seed })
    const to = impairmentText(parseImpairment(words))
    return from === to ? [] : [{ direction, words, from, to }]
  })
}

/** What cannot be read, or cannot be. */
export function impairmentFaults({ path, state }: Target): StateFault[] {
  return DIRECTIONS.flatMap((direction) => {
    const words = state.impair?.[direction] as ImpairmentWords | undefined
    if (!words) return []
    const at = [...path, 'impair', direction]
    const unread = inputFault(at, () => parseImpairment(words))
    if (unread) return [unread]
    const fault = impairmentFault(parseImpairment(words))
    return fault ? [{ path: [...at, fault[0]], message: `must be ${fault[1]}` }] : []
  })
}
