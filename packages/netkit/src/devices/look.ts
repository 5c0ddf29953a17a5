import { RT_LINK } from '@netkit/netlink'
import type { Scope } from '../places/scope.ts'
import { decodeLink, type LinkMessage } from './decode.ts'
import { type DeviceSelector, select } from './selector.ts'

/** What a description of a device contains. */
export interface ShowParts {
  /** Counters too, at the price of a message half as long again. Default: false. */
  readonly stats?: boolean
  /** Virtual functions too. Default: false. */
  readonly vf?: boolean
}

/** The extended mask that asks for these parts. */
export function extMask({ stats = false, vf = false }: ShowParts): ('skipStats' | 'vf')[] | undefined {
  const mask: ('skipStats' | 'vf')[] = []
  if (!stats) mask.push('skipStats')
  if (vf) mask.push('vf')
  return mask.length > 0 ? mask : undefined
}

/** Asks for one device. `op`: what it is asked for, for errors. */
export async function look(
  scope: Scope,
  op: string,
  selector: DeviceSelector,
  parts: ShowParts,
  signal: AbortSignal | undefined,
): Promise<LinkMessage> {
  const { ifindex, attrs } = select(op, 'device', selector)
  const replies = await scope.routeCall(
    RT_LINK.getlink,
    0,
    { ifindex },
    { ...attrs, extMask: extMask(parts) },
    { op, signal },
  )
  return decodeLink(replies[0])
}

/** The ifindex of a device; asks the kernel only for names. */
export async function indexOf(
  scope: Scope,
  op: string,
  selector: DeviceSelector,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { ifindex } = select(op, 'device', selector)
  return ifindex > 0 ? ifindex : (await look(scope, op, selector, { stats: false }, signal)).ifindex
}
