import { ATTACH_TYPE, PROG_TYPE } from '../syscall/numbers.ts'

/** What loading a field of a context gives. */
export type FieldValue = 'scalar' | 'pkt' | 'pkt_end' | 'pkt_meta' | 'sock'

/** A field of a context as programs see it. */
export interface ContextField {
  readonly name: string
  readonly at: number
  readonly size: number
  /** Sizes of loads: those that are aligned and lie within the field; `whole`: only the field as such. */
  readonly read: 'narrow' | 'whole' | 'none'
  /** Sizes of stores. */
  readonly write: readonly number[]
  readonly value: FieldValue
  /** Expected attach types that may use it; absent: all. */
  readonly only?: number
}

/** The context of a program type: where its fields are. */
export interface ContextLayout {
  readonly size: number
  readonly fields: readonly ContextField[]
}

type Options = Partial<Omit<ContextField, 'name' | 'at' | 'size'>>
const field = (name: string, at: number, size: number, options: Options = {}): ContextField => ({
  name,
  at,
  size,
  read: 'narrow',
  write: [],
  value: 'scalar',
  ...options,
})

const W = { write: [4] } as const
const HIDDEN = { read: 'none' } as const
const packet = (value: FieldValue): Options => ({ read: 'whole', value })

/** `struct __sk_buff`, as SCHED_CLS programs may use it. Source: spec 02 §3.2. */
const SK_BUFF: ContextLayout = {
  size: 192,
  fields: [
    field('len', 0, 4),
    field('pkt_type', 4, 4),
    field('mark', 8, 4, W),
    field('queue_mapping', 12, 4, W),
    field('protocol', 16, 4),
    field('vlan_present', 20, 4),
    field('vlan_tci', 24, 4),
    field('vlan_proto', 28, 4),
    field('priority', 32, 4, W),
    field('ingress_ifindex', 36, 4),
    field('ifindex', 40, 4),
    field('tc_index', 44, 4, W),
    field('cb', 48, 20, { write: [1, 2, 4, 8] }),
    field('hash', 68, 4),
    field('tc_classid', 72, 4, W),
    field('data', 76, 4, packet('pkt')),
    field('data_end', 80, 4, packet('pkt_end')),
    field('napi_id', 84, 4),
    field('family', 88, 52, HIDDEN),
    field('data_meta', 140, 4, packet('pkt_meta')),
    field('flow_keys', 144, 8, HIDDEN),
    field('tstamp', 152, 8, { read: 'whole', write: [8] }),
    field('wire_len', 160, 4),
    field('gso_segs', 164, 4),
    field('sk', 168, 8, { read: 'whole', value: 'sock' }),
    field('gso_size', 176, 4),
    field('tstamp_type', 180, 1, { read: 'whole' }),
    field('padding', 181, 3, HIDDEN),
    field('hwtstamp', 184, 8, { read: 'whole' }),
  ],
}

/** `struct xdp_md`. Source: spec 02 §7.1. */
const XDP_MD: ContextLayout = {
  size: 24,
  fields: [
    field('data', 0, 4, packet('pkt')),
    field('data_end', 4, 4, packet('pkt_end')),
    field('data_meta', 8, 4, packet('pkt_meta')),
    field('ingress_ifindex', 12, 4, { read: 'whole' }),
    field('rx_queue_index', 16, 4, { read: 'whole' }),
    field('egress_ifindex', 20, 4, { read: 'whole', only: ATTACH_TYPE.xdpDevmap }),
  ],
}

/** Contexts by PROG_TYPE. */
export const CONTEXTS: ReadonlyMap<number, ContextLayout> = new Map([
  [PROG_TYPE.schedCls, SK_BUFF],
  [PROG_TYPE.schedAct, SK_BUFF],
  [PROG_TYPE.xdp, XDP_MD],
])

/** The field that an access lies in; undefined if it lies in none, in several, or is of a size that the field does not allow. */
export function fieldAt(
  context: ContextLayout,
  off: number,
  size: number,
  isWrite: boolean,
  attachType: number,
): ContextField | undefined {
  if (off < 0 || off + size > context.size || off % size !== 0) return undefined
  const found = context.fields.find((f) => off >= f.at && off + size <= f.at + f.size)
  if (!found || (found.only !== undefined && found.only !== attachType)) return undefined
  if (isWrite) return found.write.includes(size) ? found : undefined
  if (found.read === 'none') return undefined
  return found.read === 'whole' && (off !== found.at || size !== found.size) ? undefined : found
}
