import { LINK } from '@netkit/netlink'
import { type Device, TX_UNKNOWN } from '../../net/device.ts'

const L = LINK.ids
const LEGACY_MAX = 65536

type Field = 'gsoMaxSize' | 'gsoMaxSegs' | 'groMaxSize' | 'gsoIpv4MaxSize' | 'groIpv4MaxSize'

/** A limit of packets that are cut or joined in software or hardware. */
export interface Size {
  /** The attribute that sets it. */
  readonly id: number
  readonly field: Field
  /** Set along, to the same, by sizes up to the classic limit. */
  readonly along?: Field
}

/** In the order in which they are set. */
export const SIZES: readonly Size[] = [
  { id: L.gsoMaxSize, field: 'gsoMaxSize', along: 'gsoIpv4MaxSize' },
  { id: L.gsoMaxSegs, field: 'gsoMaxSegs' },
  { id: L.groMaxSize, field: 'groMaxSize', along: 'groIpv4MaxSize' },
  { id: L.gsoIpv4MaxSize, field: 'gsoIpv4MaxSize' },
  { id: L.groIpv4MaxSize, field: 'groIpv4MaxSize' },
]

export function setSize(dev: Device, { field, along }: Size, n: number): void {
  dev[field] = n
  dev.txOffloads = TX_UNKNOWN
  if (along !== undefined && n <= LEGACY_MAX) dev[along] = n
}
